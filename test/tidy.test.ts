/** The house rules that a machine can check. A rule broken names the file and what to do. */
import { deepEqual } from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { errorReference } from "../scripts/reference.ts";
import { catalog } from "../src/lib/errors.ts";
import { findCycle, reachable, readSources, root } from "./sources.ts";

/** Which folders of `src` a folder may import from. */
const arrows: Record<string, string[]> = {
  lib: [],
  model: ["lib"],
  federation: ["lib", "model"],
  journal: ["lib", "model"],
  engine: ["lib", "model", "federation", "journal"],
  runtimes: ["lib", "model"],
  gateway: ["lib", "model", "federation"],
  workspace: ["lib", "model"],
  node: ["lib", "model", "runtimes", "gateway", "workspace"],
  api: ["lib", "model", "federation", "journal", "engine"],
  client: ["lib", "model", "api"],
  cli: ["lib", "model", "api", "client", "node", "runtimes", "gateway", "workspace"],
  sim: ["lib", "model", "federation", "journal", "engine", "api", "node", "gateway", "runtimes", "workspace"],
  // The library: what it lists is what the package offers.
  "index.ts": ["lib", "model", "federation"],
};

/** What is started or imported from outside; everything in `src` is reached from one of them. */
const entries = [
  "src/index.ts",
  "src/client/index.ts",
  "src/cli/main.ts",
  "src/api/main.ts",
  "src/node/main.ts",
  "src/node/host-main.ts",
  ...readSources("bench", "scripts").keys(),
];

/** Code longer than this does more than one thing. A test file is a list, and may be longer. */
const maxLines = { code: 250, tests: 350 };

const sources = readSources("src");
const everything = readSources("src", "test", "bench", "scripts", "web");
const web = readSources("web");

test("every import follows an arrow", () => {
  const wrong = [...sources.values()].flatMap(({ path, imports }) =>
    imports
      .filter((target) => !mayImport(path, target))
      .map((target) => `${path} imports ${target}; ${folderOf(path)} may import: ${allowed(path)}`),
  );
  deepEqual(wrong, []);
});

test("of src the dashboard imports the types of the wire, and nothing else", () => {
  const outside = [...web.values()].flatMap(({ path, text, imports }) => {
    const own = imports.filter(
      (target) => !target.startsWith("web/") && !/^src\/api\/[\w-]*wire[\w-]*\.ts$/.test(target),
    );
    const values = /import (?!type\b)[^;]*"[./]*\/src\//.test(text) ? ["src, for more than types"] : [];
    return [...own, ...values].map((target) => `${path} imports ${target}`);
  });
  deepEqual(outside, []);
  const live = reachable(everything, ["web/src/main.tsx", "web/vite.config.ts"]);
  deepEqual(
    [...web.keys()].filter((path) => !live.has(path) && !isForTests(path)),
    [],
  );
});

test("no imports go round in a circle", () => {
  deepEqual(findCycle(everything), undefined);
});

test("every import names a file that is there", () => {
  const broken = [...everything.values()].flatMap(({ path, imports, starts }) =>
    [...imports, ...starts].filter((target) => !existsSync(join(root, target))).map((target) => `${path}: ${target}`),
  );
  deepEqual(broken, []);
});

test("every file of src is reached from an entry point; a test keeps only contract suites and *.testing.ts alive", () => {
  const live = reachable(everything, entries);
  const tests = [...everything.keys()].filter((path) => path.endsWith(".test.ts"));
  const tested = reachable(everything, tests);
  const dead = [...sources.keys()].filter((path) => !live.has(path) && !(isForTests(path) && tested.has(path)));
  deepEqual(dead, []);
});

test("only lib touches time and chance", () => {
  const banned =
    /(?<![.\w])(?:Date\.|new Date\b|performance\.|setTimeout\b|setInterval\b|Math\.random\b|randomUUID\b)|"node:timers/;
  deepEqual(
    linesOf(sources, banned, (path) => !path.startsWith("src/lib/") && !isForTests(path)),
    [],
  );
});

test("nobody imports more than types of node:http: an import loads fetch and WebSocket too; lib/http.ts has it without", () => {
  const banned = /^import (?!type\b).* from "node:http"/;
  deepEqual(
    linesOf(sources, banned, (path) => !isForTests(path)),
    [],
  );
});

test("nothing is left to be done later in a comment", () => {
  const marks = new RegExp(`\\b(?:${["TO", "FIX"].map((mark, i) => mark + ["DO", "ME"][i]).join("|")})\\b`);
  deepEqual(linesOf(everything, marks), []);
});

test(`no file is longer than ${maxLines.code} lines, and no test file than ${maxLines.tests}`, () => {
  const long = [...everything.values()]
    .map(({ path, text }) => ({ path, lines: text.split("\n").length - 1 }))
    .filter(({ path, lines }) => lines > (isForTests(path) ? maxLines.tests : maxLines.code))
    .map(({ path, lines }) => `${path}: ${lines} lines`);
  deepEqual(long, []);
});

test("each code of the catalog is met by a test: none is only written down", () => {
  const tests = [...readSources("src", "test").values()].filter(({ path }) => /\.test\.ts$|\/contract\//.test(path));
  const met = new Set(tests.flatMap(({ text }) => text.match(/\b[A-Z][A-Z_]+\b/g) ?? []));
  deepEqual(
    Object.keys(catalog).filter((code) => !met.has(code)),
    [],
  );
});

test("docs/reference/errors.md is what the catalog says; `node scripts/reference.ts` writes it anew", () => {
  deepEqual(readFileSync(join(root, "docs/reference/errors.md"), "utf8"), errorReference());
});

function folderOf(path: string): string {
  return path.split("/")[1] ?? "";
}

function allowed(path: string): string {
  return arrows[folderOf(path)]?.join(", ") || "nothing";
}

function mayImport(from: string, to: string): boolean {
  if (!to.startsWith("src/")) return false;
  return folderOf(from) === folderOf(to) || (arrows[folderOf(from)]?.includes(folderOf(to)) ?? false);
}

/** Tests, and what only they use. */
function isForTests(path: string): boolean {
  return /(?:\.(?:test|testing|fixture)|\/contract|\/contract\/[^/]+)\.ts$/.test(path);
}

function linesOf(
  files: ReturnType<typeof readSources>,
  pattern: RegExp,
  applies: (path: string) => boolean = () => true,
): string[] {
  const code = [...files.values()].filter(({ path }) => applies(path));
  return code.flatMap(({ path, text }) =>
    text.split("\n").flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [])),
  );
}
