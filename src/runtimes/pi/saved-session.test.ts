import { deepEqual, equal, match, ok } from "node:assert/strict";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { assert } from "../../lib/assert.ts";
import { sessionsOf } from "../index.ts";
import type { Mended, Refused } from "../saved-session.ts";
import { folder } from "../testkit.testing.ts";
import { interrupted, mendSession } from "./saved-session.ts";

const usage = { input: 10, output: 5, cacheRead: 2, cacheWrite: 1, cost: { total: 0.25 } };
const call = (id: string, name: string) => ({ type: "toolCall", id, name, arguments: {} });
const user = { role: "user", content: [{ type: "text", text: "Räum auf 🧹" }] };
const says = (content: object[], stopReason: string) => ({
  role: "assistant",
  content,
  stopReason,
  usage,
  timestamp: 7,
});
const result = (toolCallId: string) => ({ role: "toolResult", toolCallId, content: [{ type: "text", text: "ok" }] });

const whole = [
  user,
  says([call("c1", "read")], "toolUse"),
  result("c1"),
  says([{ type: "text", text: "Now." }, call("c2", "bash"), call("c3", "write")], "toolUse"),
  result("c2"),
  result("c3"),
  says([{ type: "text", text: "Done." }], "stop"),
];

/** As pi writes it. */
function fileOf(messages: object[], header: object = { type: "session", version: 3, id: "s1", cwd: "/tree" }): string {
  const entries = messages.map((message, i) => {
    return { type: "message", id: `e${i}`, parentId: i === 0 ? null : `e${i - 1}`, timestamp: "2026-01-01", message };
  });
  return [header, ...entries].map((line) => `${JSON.stringify(line)}\n`).join("");
}

function mended(file: string): Mended {
  const outcome = mendSession(file);
  assert(!("refused" in outcome), JSON.stringify(outcome));
  return outcome;
}

function messagesIn(file: string) {
  const entries = file
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((line) => JSON.parse(line));
  for (const [i, entry] of entries.entries()) equal(entry.parentId, i === 0 ? null : entries[i - 1].id);
  return entries.map(({ message }) => message);
}

function refusalOf(outcome: Mended | Refused): string {
  return "refused" in outcome ? outcome.refused : "it was not refused";
}

test("a whole session stays as it is, with its cost and its last words", () => {
  const file = fileOf(whole);
  const usageSum = { requests: 3, input: 30, output: 15, cacheRead: 6, cacheWrite: 3, costUsd: 0.75 };
  deepEqual(mended(file), { id: "s1", text: file, usage: usageSum, finished: "Done." });
});

test("cut at any byte, a session goes on from its last whole entry with every call answered, or is refused for saying nothing", () => {
  const file = Buffer.from(fileOf(whole));
  for (let length = 0; length <= file.length; length++) {
    const outcome = mendSession(file.subarray(0, length).toString("utf8"));
    if ("refused" in outcome) {
      match(outcome.refused, /no header|nothing had been said/);
      ok(!file.subarray(0, length).includes('"assistant"'), `refused at byte ${length}: ${outcome.refused}`);
      continue;
    }
    const messages = messagesIn(outcome.text);
    const written = file.subarray(0, length).toString("utf8").split("\n").length - 2;
    // A last line that is whole but for its end counts.
    ok(
      [written, written + 1].includes(outcome.text.split("\n").length - 2 - answersAdded(messages)),
      `at byte ${length}`,
    );
    const calls = messages
      .flatMap(({ role, content }) => (role === "assistant" ? content : []))
      .filter(({ type }) => type === "toolCall");
    for (const { id } of calls)
      equal(messages.filter(({ toolCallId }) => toolCallId === id).length, 1, `${id} at byte ${length}`);
    equal(mended(outcome.text).text, outcome.text, "mending twice changes nothing");
    equal(outcome.finished === null, messages.at(-1)?.stopReason !== "stop");
  }
});

function answersAdded(messages: { content: { text?: string }[] }[]): number {
  return messages.filter(({ content }) => content[0]?.text === interrupted).length;
}

test("only the calls without a result get one, which says that they were interrupted", () => {
  const { text, usage: cost } = mended(fileOf(whole.slice(0, 5)));
  const added = messagesIn(text).at(-1);
  deepEqual([added.toolCallId, added.toolName, added.isError], ["c3", "write", true]);
  match(added.content[0].text, /^Interrupted: .*look before you repeat it/);
  equal(cost.requests, 2);
});

test("an answer that was aborted is neither counted nor answered, as pi does not send it again", () => {
  const { text, usage: cost } = mended(fileOf([...whole.slice(0, 3), says([call("c2", "bash")], "aborted")]));
  equal(text.includes(interrupted), false);
  equal(cost.requests, 1);
});

test("an end that cost nothing is no end", () => {
  const free = {
    ...says([{ type: "text", text: "Done." }], "stop"),
    usage: { ...usage, input: 0, output: 0, cacheRead: 0 },
  };
  equal(mended(fileOf([user, free])).finished, null);
});

test("a session that is no longer what pi wrote is refused with the reason", () => {
  const file = fileOf(whole);
  equal(refusalOf(mendSession("")), "its session file has no header");
  equal(refusalOf(mendSession("no json\n")), "its session file has no header");
  equal(
    refusalOf(mendSession(fileOf(whole, { type: "session", version: 4, id: "s1" }))),
    "its session file has format 4",
  );
  equal(refusalOf(mendSession(fileOf([]))), "nothing had been said yet");
  // A line in the middle, and an entry whose parent is missing.
  equal(refusalOf(mendSession(file.replace('"e2"', '"e2'))), "its session file is damaged");
  equal(refusalOf(mendSession(file.replace('"parentId":"e3"', '"parentId":"e9"'))), "its session file is damaged");
});

test("the newest session of a folder is read and copied; a folder without one is a refusal, and so is no room for the copy", async (t) => {
  const read = sessionsOf("pi");
  assert(read, "pi keeps sessions");
  const [from, to] = [folder(t), folder(t)];
  const missing = await read(join(from, "missing"));
  match("refused" in missing ? missing.refused : "", /^its session file cannot be read: ENOENT/);
  deepEqual(await read(from), { refused: "its session file is gone" });
  writeFileSync(join(from, "1.jsonl"), "old");
  writeFileSync(join(from, "2.jsonl"), fileOf(whole));
  writeFileSync(join(from, "gates.log"), "");
  const session = await read(from);
  assert(!("refused" in session), JSON.stringify(session));
  const copy = await session.copyTo(join(to, "new"));
  assert(!("refused" in copy), JSON.stringify(copy));
  equal(copy.file, join(to, "new", "2.jsonl"));
  equal(await readFile(copy.file, "utf8"), fileOf(whole));
  await copy.undo();
  equal(existsSync(copy.file), false);
  mkdirSync(join(to, "taken", "2.jsonl"), { recursive: true });
  const second = await session.copyTo(join(to, "taken"));
  match("refused" in second ? second.refused : "", /cannot be written: EISDIR/);
  equal(sessionsOf("command"), null);
});
