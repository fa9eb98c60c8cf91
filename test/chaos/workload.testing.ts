/** A repository of small modules, and plans in which each task rewrites one of them: what must come out is known beforehand. */
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { modernise } from "../../src/gateway/demo/codemod/modernise.ts";
import { present } from "../../src/lib/assert.ts";

const nameOf = (index: number) => `m${String(index).padStart(3, "0")}.js`;

/** The files of a repository of `count` modules, with the gate that each task has to pass. */
export function moduleFiles(count: number): Record<string, string> {
  const modules = Array.from({ length: count }, (_, index) => [nameOf(index), moduleText(index)]);
  return { ...Object.fromEntries(modules), "check.cjs": check };
}

/** What `name` must hold once its task is done. */
export function rewritten(index: number): { name: string; text: string } {
  return { name: nameOf(index), text: present(modernise(moduleText(index)), "a module that parses").code };
}

/** Every fifth task needs the two before it. */
export function modulePlan(count: number) {
  const id = (index: number) => `m${index}`;
  const tasks = Array.from({ length: count }, (_, index) => ({
    id: id(index),
    title: `Use const and let in ${nameOf(index)}`,
    prompt: `Replace each \`var\` in \`${nameOf(index)}\` by \`const\` or \`let\`, and check that it still parses.`,
    needs: index % 5 === 4 ? [id(index - 1), id(index - 2)] : [],
    files: [nameOf(index)],
    gates: [`node check.cjs ${nameOf(index)} ${valueAt(index)}`],
  }));
  return { goal: "Bring the modules to const and let", tasks };
}

const functions = 12;

function moduleText(index: number): string {
  const lines = Array.from({ length: functions }, (_, i) => {
    return `function f${i}(x) {\n  var y = x + ${index};\n  var sum = 0;\n  for (var k = 0; k < 3; k++) sum += y * k;\n  return sum + ${i};\n}\n`;
  });
  return `var start = ${index};\n${lines.join("\n")}\nmodule.exports = f${index % functions}(start);\n`;
}

/** 3 times the sum of y * k for k of 0, 1 and 2. */
function valueAt(index: number): number {
  return 3 * (index + index) + (index % functions);
}

const check = `const { equal } = require("node:assert/strict");
const { readFileSync } = require("node:fs");
const [name, value] = process.argv.slice(2);
equal(require("./" + name), Number(value));
equal(/^\\s*var /m.test(readFileSync(name, "utf8")), false, "there is a var left");
`;

/**
 * A folder for PATH whose \`node --check\`, which each agent of the demo model runs, takes \`seconds\` longer: scripted, so
 * that there are commands to be killed. Everything else is node as it is.
 */
export function slowCheck(dir: string, seconds: number): string {
  mkdirSync(dir, { recursive: true });
  const script = `#!/bin/sh\n[ "$1" = --check ] && sleep ${seconds}\nexec '${process.execPath}' "$@"\n`;
  writeFileSync(join(dir, "node"), script);
  chmodSync(join(dir, "node"), 0o755);
  return dir;
}
