import { deepEqual, equal, rejects } from "node:assert/strict";
import { test } from "node:test";
import { GodelError } from "../lib/errors.ts";
import type { AttemptBrief } from "../model/link.ts";
import { noUsage } from "../model/usage.ts";
import { type TakeOverParts, takeOver } from "./take-over.ts";

const noLimit = { usd: null, tokens: null };
const brief: AttemptBrief = {
  id: "t/a/3",
  task: "t/a",
  key: "a",
  team: "t",
  agent: "t-a1",
  number: 3,
  title: "",
  prompt: "",
  feedback: "",
  gates: [],
  diff: "required",
  deadlineMs: 1,
  budget: { attempt: noLimit, task: noLimit, taskSpent: { usd: 0, tokens: 0 } },
  resumes: { attempts: ["t/a/2", "t/a/1"], because: "" },
};

const saved = { ...noUsage, input: 9 };

/** A node where the attempts `sessions` left a session and `trees` a worktree; `done` is what happened, in order. */
function node(sessions: string[], trees: string[], faults: { undo?: true; adopt?: GodelError } = {}) {
  const done: string[] = [];
  const parts: TakeOverParts = {
    workspaces: {
      async adopt({ id }, from) {
        if (faults.adopt) throw faults.adopt;
        if (!trees.includes(from)) return null;
        done.push(`worktree of ${from}`);
        return { attempt: id, dir: "/tree", base: "b" };
      },
    },
    async readSession(dir) {
      if (!sessions.includes(dir)) return { refused: "its session file is gone" };
      return {
        id: "s",
        usage: saved,
        finished: null,
        async copyTo(to) {
          done.push(`session of ${dir}`);
          return {
            file: `${to}/s.jsonl`,
            async undo() {
              if (faults.undo) throw new GodelError("HOME_UNUSABLE", "it cannot be deleted");
              done.push("took it back");
            },
          };
        },
      };
    },
    logDirOf: (attempt) => attempt,
    over: async (attempt) => void done.push(`${attempt} is over`),
    signal: new AbortController().signal,
  };
  return { parts, done };
}

test("the newest with both is taken over, once nothing of it runs, and its session before its worktree", async () => {
  const { parts, done } = node(["t/a/2", "t/a/1"], ["t/a/2"]);
  const taken = await takeOver(brief, parts);
  equal(taken && "file" in taken && taken.file, "t/a/3/s.jsonl");
  deepEqual(taken && "resumption" in taken && taken.resumption, { from: "t/a/2", saved });
  deepEqual(done, ["t/a/2 is over", "session of t/a/2", "worktree of t/a/2"]);
});

test("where the newest has not both, nothing of it is left, and the one before is taken over", async () => {
  const { parts, done } = node(["t/a/2", "t/a/1"], ["t/a/1"]);
  const taken = await takeOver(brief, parts);
  deepEqual(taken && "resumption" in taken && taken.resumption, { from: "t/a/1", saved });
  deepEqual(done.slice(1), [
    "session of t/a/2",
    "took it back",
    "t/a/1 is over",
    "session of t/a/1",
    "worktree of t/a/1",
  ]);
});

test("where none has both, the newest says why", async () => {
  deepEqual(await takeOver(brief, node(["t/a/1"], ["t/a/2"]).parts), {
    from: "t/a/2",
    refused: "its session file is gone",
  });
  const full = new GodelError("DISK_FULL", "no space left on device");
  deepEqual(await takeOver(brief, node(["t/a/2"], [], { adopt: full }).parts), {
    from: "t/a/2",
    refused: "its worktree could not be taken over: no space left on device",
  });
  equal(await takeOver({ ...brief, resumes: undefined }, node([], []).parts), undefined);
});

test("one that is cancelled meanwhile takes nothing over", async () => {
  const { parts, done } = node(["t/a/2", "t/a/1"], ["t/a/2", "t/a/1"]);
  const refused = { from: "t/a/2", refused: "it was cancelled" };
  deepEqual(await takeOver(brief, { ...parts, signal: AbortSignal.abort() }), refused);
  equal(done.filter((step) => step.startsWith("worktree")).length, 0);
});

test("a session that cannot be taken back fails the attempt: beside a new worktree it would be gone on with later", async () => {
  await rejects(takeOver(brief, node(["t/a/2"], [], { undo: true }).parts), { code: "HOME_UNUSABLE" });
});
