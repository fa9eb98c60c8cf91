/** A fresh repository of real code: the modules of the npm package lodash, as its users have them on disk. */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** What is bundled from the modules, or generated: not a source that anyone would edit. */
const bundled = new Set(["lodash.js", "core.js", "fp.js"]);

/** Makes the repository at `dir` with one commit, and names its modules. */
export function makeRepository(dir: string): string[] {
  const from = dirname(createRequire(import.meta.url).resolve("lodash/package.json"));
  const modules = readdirSync(from).filter(
    (name) => name.endsWith(".js") && !name.endsWith(".min.js") && !bundled.has(name),
  );
  mkdirSync(dir, { recursive: true });
  for (const name of [...modules, "LICENSE"]) copyFileSync(join(from, name), join(dir, name));
  writeFileSync(join(dir, "check.cjs"), check);
  commitAll(dir, "lodash, as published");
  return modules;
}

/** Makes `dir` a repository with one commit of all that is in it. */
export function commitAll(dir: string, message: string): void {
  const git = (...args: string[]) =>
    execFileSync("git", ["-C", dir, ...args], { stdio: ["ignore", "ignore", "inherit"] });
  git("init", "--quiet", "--initial-branch=main");
  git("add", "--all", "--force");
  const identity = ["-c", "user.name=godel demo", "-c", "user.email=demo@localhost"];
  git(...identity, "-c", "commit.gpgsign=false", "commit", "--quiet", `--message=${message}`);
}

/** The gate: the modules load and still do what they promise. */
const check = `// Loads modules of the library and holds a few of their promises.
const { deepEqual, equal } = require("node:assert/strict");
const use = (name) => require("./" + name + ".js");

deepEqual(use("chunk")([1, 2, 3, 4, 5], 2), [[1, 2], [3, 4], [5]]);
deepEqual(use("difference")([2, 1], [2, 3]), [1]);
deepEqual(use("groupBy")([6.1, 4.2, 6.3], Math.floor), { 4: [4.2], 6: [6.1, 6.3] });
deepEqual(use("merge")({ a: [{ b: 2 }] }, { a: [{ c: 3 }] }), { a: [{ b: 2, c: 3 }] });
deepEqual(use("sortBy")([{ n: 2 }, { n: 1 }], "n"), [{ n: 1 }, { n: 2 }]);
deepEqual(use("uniq")([2, 1, 2]), [2, 1]);
equal(use("camelCase")("Foo Bar"), "fooBar");
equal(use("isEqual")({ a: [1, new Map([[1, 2]])] }, { a: [1, new Map([[1, 2]])] }), true);
equal(use("get")({ a: [{ b: 3 }] }, "a[0].b"), 3);
equal(use("template")("hi <%= name %>")({ name: "you" }), "hi you");
deepEqual(use("cloneDeep")({ a: new Date(0), b: /x/g }), { a: new Date(0), b: /x/g });
`;
