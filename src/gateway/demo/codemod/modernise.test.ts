import { deepEqual, equal, ok } from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { modernise } from "./modernise.ts";

/** In a function, so that the top-level rules stay out of it. */
function inFunction(body: string): string {
  const code = modernise(`function f(p, q) { ${body} }`)?.code ?? "";
  return code.slice("function f(p, q) { ".length, -" }".length);
}

const cases: [why: string, before: string, after: string][] = [
  ["never assigned again becomes const", "var a = 1; return a;", "const a = 1; return a;"],
  ["assigned again becomes let", "var a = 1; a++; return a;", "let a = 1; a++; return a;"],
  ["without a value becomes let", "var a; a = 1;", "let a; a = 1;"],
  ["one reassigned name makes the statement let", "var a = 1, b = 2; b = a;", "let a = 1, b = 2; b = a;"],
  ["a destructured name", "var { a, b: [c] } = p; return a + c;", "const { a, b: [c] } = p; return a + c;"],
  ["assigned by destructuring", "var a = 1; [a] = p;", "let a = 1; [a] = p;"],
  ["a counting loop", "for (var i = 0; i < 9; i++) p(i);", "for (let i = 0; i < 9; i++) p(i);"],
  ["a for-in that leaves its key alone", "for (var k in p) q(k);", "for (const k in p) q(k);"],
  ["a for-of that changes its item", "for (var k of p) k = 1;", "for (let k of p) k = 1;"],
  ["a closure made after it", "var a = 1; return () => a;", "const a = 1; return () => a;"],
  [
    "a function declaration first named after it",
    "var a = 1; g(); function g() { a; }",
    "const a = 1; g(); function g() { a; }",
  ],
  ["declared in a loop and used there", "while (p) { var a = p(); q(a); }", "while (p) { const a = p(); q(a); }"],
  ["the name of an inner function expression", "var g = function g() {}; g();", "const g = function g() {}; g();"],

  ["used before its line", "q(a); var a = 1;", "q(a); var a = 1;"],
  ["used in its own value", "var a = a || {};", "var a = a || {};"],
  ["used outside its block", "if (p) { var a = 1; } return a;", "if (p) { var a = 1; } return a;"],
  ["used after its loop", "for (var i = 0; i < 9; i++); return i;", "for (var i = 0; i < 9; i++); return i;"],
  ["walked over in its own head", "for (var k in k) q(k);", "for (var k in k) q(k);"],
  ["declared twice", "var a = 1; var a = 2;", "var a = 1; var a = 2;"],
  ["a parameter's name", "var p = p || 1;", "var p = p || 1;"],
  ["a function's name", "var g = 1; function g() {}", "var g = 1; function g() {}"],
  ["an error's name", "try {} catch (e) { var e = 1; }", "try {} catch (e) { var e = 1; }"],
  ["a closure in a loop", "while (p) { var a = 1; q(() => a); }", "while (p) { var a = 1; q(() => a); }"],
  [
    "a closure over a loop's counter",
    "for (var i = 0; i < 9; i++) q(() => i);",
    "for (var i = 0; i < 9; i++) q(() => i);",
  ],
  ["keeps its value between rounds", "while (p) { var a; if (q) a = 1; }", "while (p) { var a; if (q) a = 1; }"],
  ["a closure made before it", "p(() => a); var a = 1;", "p(() => a); var a = 1;"],
  ["a function called before it", "g(); var a = 1; function g() { a; }", "g(); var a = 1; function g() { a; }"],
  [
    "a function called before it through another",
    "h(); var a = 1; function h() { g(); } function g() { a; }",
    "h(); var a = 1; function h() { g(); } function g() { a; }",
  ],
  ["in a case of a switch", "switch (p) { case 1: var a = 1; }", "switch (p) { case 1: var a = 1; }"],
  ["an if without braces", "if (p) var a = 1;", "if (p) var a = 1;"],
  ["a label", "x: var a = 1;", "x: var a = 1;"],
  ["in sight of eval", "var a = 1; eval(p);", "var a = 1; eval(p);"],
  ["in sight of with", "with (p) { var a = 1; }", "with (p) { var a = 1; }"],
  ["named let", "var let = 1;", "var let = 1;"],
  ["named as a class expression that hides it", "a; var a = class a {};", "a; var a = class a {};"],
  [
    "named as a function that hides it",
    "var g = function a() { a(); var a = 1; };",
    "const g = function a() { a(); var a = 1; };",
  ],
];

for (const [why, before, after] of cases) {
  test(`${before === after ? "keeps" : "turns"} var: ${why}`, () => equal(inFunction(before), after));
}

test("at the top of CommonJS it turns var, but for the names of the wrapper", () => {
  equal(modernise("var a = require('a'); var module = 1;")?.code, "const a = require('a'); var module = 1;");
});

test("at the top of a plain script it keeps var, which other scripts can see", () => {
  equal(modernise("var a = 1; (function () { var b = 2; })();")?.code, "var a = 1; (function () { const b = 2; })();");
});

test("in a module it keeps what is exported, or read by an exported function", () => {
  const code = "export var a = 1; var b = 2; var c = 3; export function f() { return b; } const g = () => c;";
  equal(modernise(code)?.code, code.replace("var c", "const c"));
});

test("what does not parse is left alone", () => equal(modernise("var = ;"), undefined));

const lodash = join(import.meta.dirname, "../../../../node_modules/lodash");
const modules = readdirSync(lodash).filter((file) => file.endsWith(".js"));

test("every module of lodash is rewritten to something that parses, and rewriting it again changes nothing", () => {
  let changed = 0;
  for (const file of modules) {
    const source = readFileSync(join(lodash, file), "utf8");
    const once = modernise(source);
    ok(once, `${file} parses`);
    const twice = modernise(once.code);
    equal(twice?.code, once.code, file);
    changed += once.consts + once.lets;
  }
  ok(modules.length > 600 && changed > 2_000, `${changed} declarations of ${modules.length} modules`);
});

test("a lodash rewritten module by module behaves as before", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "godel-lodash-"));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const file of modules) {
    writeFileSync(join(folder, file), modernise(readFileSync(join(lodash, file), "utf8"))?.code ?? "");
  }
  const require = createRequire(join(folder, "index.js"));
  // The whole library in one file, and each function in a file of its own.
  deepEqual(exercise(require("./lodash.js")), exercise(createRequire(join(lodash, "x.js"))("./lodash.js")));
  for (const file of modules.filter((each) => !/^lodash|^core|^fp\.|^_|\.min\.js$/.test(each))) require(`./${file}`);
  const one = (name: string) => require(`./${name}.js`);
  const names = [
    "get",
    "set",
    "chunk",
    "merge",
    "cloneDeep",
    "sortBy",
    "template",
    "groupBy",
    "isEqual",
    "debounce",
    "range",
  ];
  deepEqual(exercise(Object.fromEntries(names.map((name) => [name, one(name)]))), exercise(require("./lodash.js")));
});

// biome-ignore lint/suspicious/noExplicitAny: lodash comes without types here
function exercise(_: any): unknown[] {
  const nested = { a: [{ b: { c: 3 } }], d: new Map([[1, new Set([2])]]) };
  const copy = _.cloneDeep(nested);
  return [
    _.get(nested, "a[0].b.c"),
    _.set({}, "x.y[2].z", 1),
    _.chunk([1, 2, 3, 4, 5], 2),
    _.merge({ a: { b: 1 } }, { a: { c: [1, 2] } }),
    _.isEqual(copy, nested) && copy.d !== nested.d,
    _.sortBy([{ n: 3 }, { n: 1 }, { n: 2 }], "n"),
    _.template("<% list.forEach((i) => { %><li><%- i %></li><% }) %>")({ list: ["<", 2] }),
    _.groupBy(["one", "two", "three"], "length"),
    typeof _.debounce(() => 1, 10).cancel,
    _.range(1, 10, 3),
  ];
}
