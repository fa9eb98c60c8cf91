import { deepEqual, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import type { Fields } from "../../lib/json.ts";
import { checkPlan } from "../../model/plan.ts";
import { type Answer, answer, modelName } from "./script.ts";

const tools = ["read", "write", "edit", "bash"].map((name) => ({ type: "function", function: { name } }));
const prompt = "Modernise `lib/a.js`, not b.js.";

/** Answers as long as tools are called, each giving the next of `results`. */
function play(results: string[], said = prompt): Answer[] {
  const messages: Fields[] = [
    { role: "system", content: "Docs are in `docs/pi.js`" },
    { role: "user", content: [{ type: "text", text: said }] },
  ];
  const answers: Answer[] = [];
  for (const [turn, result] of [...results, ""].entries()) {
    const given = answer({ messages, tools });
    answers.push(given);
    if ("text" in given) break;
    const call = {
      id: `c${turn}`,
      type: "function",
      function: { name: given.tool, arguments: JSON.stringify(given.args) },
    };
    messages.push({ role: "assistant", content: null, tool_calls: [call] });
    messages.push({ role: "tool", tool_call_id: `c${turn}`, content: result });
  }
  return answers;
}

function textOf(given: Answer | undefined): string {
  return given && "text" in given ? given.text : "";
}

const written = "Successfully wrote to lib/a.js";
const read = { tool: "read", args: { path: "lib/a.js" } };
const check = { tool: "bash", args: { command: "node --check 'lib/a.js'" } };

test("takes a step again that was interrupted with its agent", () => {
  const interrupted = "Interrupted: the process that ran this died. Look before you repeat it.";
  const answers = play(["function f() { var a = 1; return a; }", interrupted, written, interrupted, "(no output)"]);
  deepEqual([answers[1], answers[3]], [answers[2], answers[4]]);
  match(textOf(answers.at(-1)), /scripted/);
});

test("reads the file in backticks, writes it rewritten, checks it and says that it is scripted", () => {
  const answers = play(["var a = require('x');\n", written, "(no output)"]);
  const write = { tool: "write", args: { path: "lib/a.js", content: "const a = require('x');\n" } };
  deepEqual(answers.slice(0, 3), [read, write, check]);
  equal(
    textOf(answers[3]),
    `lib/a.js: 1 declaration became \`const\`, 0 declarations \`let\`. \`node --check\` passes. — ${modelName}`,
  );
});

test("does the files that a prompt lists one after another, and sums them up", () => {
  const source = "function f() { var a = 1; return a; }";
  const answers = play(
    [source, "Successfully wrote to a.js", "(no output)", "let b = 1;\n"],
    "Use const.\n\n- a.js\n- sub/b.js\n",
  );
  deepEqual(
    answers
      .slice(0, 4)
      .map((given) => ("tool" in given ? `${given.tool} ${given.args.path ?? given.args.command}` : "")),
    ["read a.js", "write a.js", "bash node --check 'a.js'", "read sub/b.js"],
  );
  match(textOf(answers[4]), /^a\.js: 1 declaration became[^\n]*\nsub\/b\.js: nothing to change/);
});

test("reads on while the file is cut, and rewrites the whole of it", () => {
  const cut = "var a = require('x');\n\n[Showing lines 1-1 of 2 (50.0KB limit). Use offset=2 to continue.]";
  const answers = play([cut, "a();\n", written, "(no output)"]);
  deepEqual(answers[1], { tool: "read", args: { path: "lib/a.js", offset: 2 } });
  deepEqual(answers[2], { tool: "write", args: { path: "lib/a.js", content: "const a = require('x');\na();\n" } });
});

test("does not rewrite a file with a line that it cannot see whole", () => {
  const [, said] = play(["[Line 1 is 60.0KB, exceeds 50.0KB limit. Use bash: sed -n '1p' lib/a.js | head -c 51200]"]);
  match(textOf(said), /was not changed: a line of it is too long/);
});

test("says that there is nothing to change, and writes nothing", () => {
  match(textOf(play(["module.exports = 1;\n"])[1]), /nothing to change, it declares nothing with `var`/);
});

test("says that it could not read what is no JavaScript, such as an error", () => {
  match(textOf(play(["ENOENT: no such file or directory"])[1]), /not JavaScript: ENOENT/);
});

test("puts the file back when its check fails, and says so", () => {
  const source = "var a = require('x');\n";
  const answers = play([source, written, "SyntaxError\n\nCommand exited with code 1", written]);
  deepEqual(answers[3], { tool: "write", args: { path: "lib/a.js", content: source } });
  match(textOf(answers[4]), /is as it was: its check failed/);
});

test("ends when the file cannot be written", () => {
  match(textOf(play(["var a = require('x');", "EACCES: permission denied"])[2]), /could not be written: EACCES/);
});

test("says what it cannot do when no JavaScript file is named", () => {
  match(textOf(play([], "Fix the login page.")[0]), /names no JavaScript file/);
});

test("plans one file a task, up to five for each wanted agent, building blocks first", () => {
  const files = [
    "README.md",
    "_baseGet.js",
    "a.min.js",
    "get.js",
    "test/get.js",
    ...Array.from({ length: 20 }, (_, i) => `m${i}.js`),
  ];
  const text = `Split the goal.\nPLAN REQUEST\nGOAL:\nUse const\nEND OF GOAL\nPARALLELISM: 2\nFILES:\n${files.join("\n")}\n`;
  const plan = checkPlan(JSON.parse(textOf(answer({ messages: [{ role: "user", content: text }] }))));
  equal(plan.goal, "Use const");
  equal(plan.tasks.length, 10);
  deepEqual(plan.tasks.find((task) => task.id === "get")?.needs, ["baseget"]);
  ok(plan.tasks.every((task) => task.prompt.includes(`\`${task.files[0]}\``) && task.diff === "optional"));
  ok(!plan.tasks.some((task) => /min|test|README/.test(task.files[0] ?? "")));
});
