import { deepEqual, equal } from "node:assert/strict";
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { ManualClock } from "../lib/manual-clock.testing.ts";
import type { TranscriptPiece } from "../model/transcript.ts";
import { type AnswerParts, answer } from "./answers.ts";
import { WatchedAttempts } from "./watched.ts";

const attempt = "t1/a/1";

/** A node with one attempt, whose agent is at work until it is not. */
function node(t: TestContext) {
  const dir = mkdtempSync(join(tmpdir(), "godel answers "));
  t.after(() => rmSync(dir, { recursive: true }));
  const watched = new WatchedAttempts(new ManualClock());
  let worker: string | null = "a1";
  const attempts = { logDir: () => dir, workerOf: () => worker, watched };
  const fleet = { ready: (id: string) => (id === "a1" ? { watch: async () => {} } : null) };
  const parts = { attempts, fleet } as unknown as AnswerParts;
  const look = (place: { file?: string; from?: number; heard?: number }) =>
    answer(parts, { type: "transcript", attempt, file: "", from: 0, ...place }) as Promise<TranscriptPiece>;
  return {
    dir,
    parts,
    look,
    say: (text: string) => watched.hear({ type: "saying", attempt, parts: [{ kind: "said", tool: "", text }] }),
    settle() {
      worker = null;
      watched.forget(attempt);
    },
  };
}

const said = (text: string) =>
  `${JSON.stringify({ type: "message", message: { role: "assistant", content: text } })}\n`;

test("what is being said comes with the transcript to who asks for it, and not beside the step that it became", async (t) => {
  const { dir, look, say, settle } = node(t);
  deepEqual(await look({ heard: 0 }), { file: "", from: 0, next: 0, steps: [], saying: [], heard: 1 });
  const waiting = look({ heard: 1 });
  // Heard once its turn has come: the question waits by then.
  await new Promise(setImmediate);
  say("hel");
  const first = await waiting;
  deepEqual([first.heard, first.saying.map(({ text }) => text)], [2, ["hel"]]);
  deepEqual((await look({})).saying, [], "who does not ask is not told");
  writeFileSync(join(dir, "s.jsonl"), said("hello"));
  const second = await look({ heard: 0 });
  deepEqual([second.steps.map(({ text }) => text), second.saying, second.heard], [["hello"], [], 0]);
  const { file, next } = second;
  deepEqual((await look({ file, from: next, heard: 0 })).heard, 2);
  settle();
  deepEqual(await look({ file, from: next, heard: 2 }), { file, from: next, next, steps: [], saying: [], heard: 0 });
});

test("of a file that grows the rest comes, in whole lines", async (t) => {
  const { dir, look } = node(t);
  const path = join(dir, "s.jsonl");
  writeFileSync(path, said("one"));
  const first = await look({});
  appendFileSync(path, said("two") + said("three").slice(0, 20));
  const second = await look({ file: first.file, from: first.next });
  deepEqual(
    second.steps.map(({ text }) => text),
    ["two"],
  );
  appendFileSync(path, said("three").slice(20));
  const third = await look({ file: second.file, from: second.next });
  deepEqual(
    third.steps.map(({ text }) => text),
    ["three"],
  );
});

test("what a command printed is its transcript, and what gates printed is not", async (t) => {
  const { dir, parts, look } = node(t);
  writeFileSync(join(dir, "gates.log"), "ok\n");
  writeFileSync(join(dir, "requests.log"), "200 demo\n");
  equal((await look({})).file, "");
  writeFileSync(join(dir, "output.log"), "made\n");
  deepEqual(
    (await look({})).steps.map(({ kind, text }) => [kind, text]),
    [["output", "made"]],
  );
  const log = (what: "transcript" | "gates") => answer(parts, { type: "log", attempt, what, maxLines: 9 });
  deepEqual(await log("transcript"), { lines: ["made"], total: 1 });
  deepEqual(await log("gates"), { lines: ["ok"], total: 1 });
});
