import { deepEqual, equal, ok } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { boundedLog } from "./bounded-log.ts";

function opened(context: TestContext, options: { maxBytes: number; kept?: number }) {
  const dir = mkdtempSync(join(tmpdir(), "godel-log-"));
  const file = join(dir, "engine.log");
  const fd = openSync(file, "a", 0o600);
  context.after(() => {
    closeSync(fd);
    rmSync(dir, { recursive: true });
  });
  const bound = boundedLog({ fd, file, ...options });
  const say = (line: string) => {
    bound();
    writeSync(fd, `${line}\n`);
  };
  return { dir, file, say, names: () => readdirSync(dir).sort() };
}

/** All lines there are, the oldest first. */
function linesIn(file: string): string[] {
  const names = [3, 2, 1].map((age) => `${file}.${age}`).concat(file);
  return names.flatMap((name) =>
    statSync(name, { throwIfNoEntry: false }) ? readFileSync(name, "utf8").split("\n") : [],
  );
}

test("a log that has reached its bound begins anew, and a few older ones stay, none of them larger", (context) => {
  const { dir, file, say, names } = opened(context, { maxBytes: 100, kept: 3 });
  for (let i = 0; i < 12; i++) say(`line ${String(i).padStart(2, "0")}`);
  deepEqual(names(), ["engine.log"]);
  say("line 12");
  say("line 13");
  deepEqual([readFileSync(file, "utf8"), names()], ["line 13\n", ["engine.log", "engine.log.1"]]);
  for (let i = 14; i < 100; i++) say(`line ${i}`);
  deepEqual(names(), ["engine.log", "engine.log.1", "engine.log.2", "engine.log.3"]);
  for (const name of names()) {
    ok(statSync(join(dir, name)).size < 110, name);
    equal(statSync(join(dir, name)).mode & 0o777, 0o600);
  }
  const lines = linesIn(file).filter(Boolean);
  deepEqual(
    lines.map((line) => Number(line.slice(5))),
    Array.from({ length: lines.length }, (_, i) => 100 - lines.length + i),
  );
});

test("a descriptor that is another file than the log is left alone", (context) => {
  const { file, say } = opened(context, { maxBytes: 10 });
  const other = `${file}.other`;
  const fd = openSync(other, "a");
  const bound = boundedLog({ fd, file, maxBytes: 10 });
  for (let i = 0; i < 5; i++) {
    bound();
    writeSync(fd, "more than ten bytes\n");
  }
  closeSync(fd);
  say("x");
  equal(statSync(other).size, 100);
});

test("a process that is killed at any moment has lost no line of those that are kept", async (context) => {
  const { file } = opened(context, { maxBytes: 10 });
  const url = new URL("./bounded-log.ts", import.meta.url).href;
  const script = `import { openSync, writeSync } from "node:fs"; import { boundedLog } from ${JSON.stringify(url)};
    const fd = openSync(process.argv[1], "a"); const bound = boundedLog({ fd, file: process.argv[1], maxBytes: 2000 });
    for (let i = Number(process.argv[2]); ; i++) { bound(); writeSync(fd, i + "\\n"); if (i % 5000 === 4999) writeSync(1, "."); }`;
  let next = 0;
  for (let kill = 0; kill < 3; kill++) {
    const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", script, file, String(next)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    child.kill("SIGKILL");
    await once(child, "close");
    const lines = linesIn(file).filter(Boolean).map(Number);
    next = (lines.at(-1) ?? 0) + 1;
    // Each follows the one before it, but for a file that stands twice.
    const jumps = lines.filter((line, i) => i > 0 && line !== (lines[i - 1] ?? 0) + 1);
    ok(jumps.length <= 1 && jumps.every((line) => lines.indexOf(line) < lines.lastIndexOf(line)), String(jumps));
    equal(statSync(`${file}.4`, { throwIfNoEntry: false }), undefined);
  }
});
