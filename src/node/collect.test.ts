import { deepEqual, equal } from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { EndedTeam } from "../model/garbage.ts";
import { type CollectParts, collect } from "./collect.ts";

const over: EndedTeam = { id: "t1", name: "one", repo: "/repo", base: "b", branch: "godel/one", keep: null };

/** A home with a session of 5 bytes for each of `attempts`, a folder for each of `agents`, and git as it is told. */
function home(
  context: TestContext,
  {
    attempts = [],
    agents = [],
    live = [],
    merged = [],
    unmerged = [],
    trees = [],
  }: Partial<Record<"attempts" | "agents" | "live" | "merged" | "unmerged" | "trees", string[]>>,
) {
  const dir = mkdtempSync(join(tmpdir(), "godel collect "));
  context.after(() => rmSync(dir, { recursive: true, force: true }));
  const [attemptsDir, agentsDir] = [join(dir, "attempts"), join(dir, "agents")];
  for (const attempt of attempts) {
    mkdirSync(join(attemptsDir, attempt), { recursive: true });
    writeFileSync(join(attemptsDir, attempt, "session.jsonl"), "12345");
  }
  for (const agent of agents) mkdirSync(join(agentsDir, agent), { recursive: true });
  const released: string[] = [];
  const ref = (attempt: string, isMerged: boolean) => ({
    kind: "ref" as const,
    name: `refs/godel/${attempt}`,
    team: "t1",
    why: isMerged ? "it was merged" : "its work is on no branch of yours",
    bytes: null,
    commit: "c",
    merged: isMerged,
    attempt,
  });
  const workspaces: CollectParts["workspaces"] = {
    collect: async () => [...merged.map((each) => ref(each, true)), ...unmerged.map((each) => ref(each, false))],
    list: async () => trees,
    release: async (attempt) => {
      released.push(attempt);
      return { commit: null };
    },
  };
  const parts = { workspaces, attemptsDir, agentsDir, agents: () => live };
  const isThere = (attempt: string) => existsSync(join(attemptsDir, attempt));
  return { parts, released, isThere, dir, agentsDir };
}

test("a session goes with the ref of merged work, and stays with work that is not merged", async (context) => {
  const { parts, isThere } = home(context, {
    attempts: ["t1/a/1", "t1/a/2", "t1/b/1"],
    merged: ["t1/a/2"],
    unmerged: ["t1/a/1"],
  });
  const { removed, kept } = await collect(parts, { teams: [over], remove: true });
  deepEqual([isThere("t1/a/1"), isThere("t1/a/2"), isThere("t1/b/1")], [true, false, false]);
  const sessions = removed.filter(({ kind }) => kind === "session").map(({ why, bytes }) => [why, bytes]);
  deepEqual(sessions, [
    ["it was merged", 5],
    ["it left no work", 5],
  ]);
  deepEqual(
    kept.map(({ kind, why }) => [kind, why]),
    [
      ["ref", "its work is on no branch of yours"],
      ["session", "its work is on no branch of yours"],
    ],
  );
});

test("a look removes nothing", async (context) => {
  const { parts, isThere, released, agentsDir } = home(context, {
    attempts: ["t1/a/1"],
    merged: ["t1/a/1"],
    agents: ["t1-a1"],
    trees: ["t1/a/1"],
  });
  const { removed } = await collect(parts, { teams: [over], remove: false });
  deepEqual(removed.map(({ kind }) => kind).sort(), ["ref", "scratch", "session", "worktree"]);
  deepEqual([isThere("t1/a/1"), existsSync(join(agentsDir, "t1-a1")), released.length], [true, true, 0]);
});

test("folders of agents that are up, and of teams that are not over, are not touched", async (context) => {
  const { parts, isThere, released, agentsDir } = home(context, {
    attempts: ["t2/a/1"],
    agents: ["t2-a1", "t1-a1"],
    live: ["t2-a1"],
    trees: ["t2/a/1"],
  });
  await collect(parts, { teams: [over], remove: true });
  deepEqual(
    [isThere("t2/a/1"), existsSync(join(agentsDir, "t2-a1")), existsSync(join(agentsDir, "t1-a1"))],
    [true, true, false],
  );
  deepEqual(released, []);
});

test("of a team that may go on nothing goes, neither sessions nor worktrees", async (context) => {
  const { parts, isThere, released } = home(context, { attempts: ["t1/b/1"], trees: ["t1/b/1"] });
  const keep = "a task of its team may be tried again";
  const { kept } = await collect(parts, { teams: [{ ...over, keep }], remove: true });
  deepEqual([isThere("t1/b/1"), released.length], [true, 0]);
  deepEqual(
    kept.map(({ why }) => why),
    [keep],
  );
});

test("where the repository is gone sessions stay: nobody can say what was merged", async (context) => {
  const { parts, isThere } = home(context, { attempts: ["t1/a/1"] });
  await collect(
    { ...parts, workspaces: { ...parts.workspaces, collect: async () => null } },
    { teams: [over], remove: true },
  );
  equal(isThere("t1/a/1"), true);
});

test("a worktree that cannot be let go is told as kept, with what is wrong, and the rest goes on", async (context) => {
  const { parts, isThere } = home(context, { attempts: ["t1/a/1"], merged: ["t1/a/1"], trees: ["t1/a/1"] });
  const release = async () => {
    throw new Error("the disk is full");
  };
  const { kept } = await collect(
    { ...parts, workspaces: { ...parts.workspaces, release } },
    { teams: [over], remove: true },
  );
  deepEqual(
    kept.map(({ kind, why }) => [kind, why]),
    [["worktree", "the disk is full"]],
  );
  equal(isThere("t1/a/1"), false);
});
