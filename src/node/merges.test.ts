import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { type Clock, systemClock } from "../lib/clock.ts";
import { GodelError } from "../lib/errors.ts";
import type { Report, TeamBrief } from "../model/link.ts";
import { Merges } from "./merges.ts";
import type { Worktrees } from "./ports.ts";

const team: TeamBrief = {
  id: "t1",
  name: "one",
  goal: "",
  repo: "/repo",
  base: "b0",
  branch: "godel/one",
  model: "demo",
  limit: { usd: null, tokens: null },
  spent: { usd: 0, tokens: 0 },
};
const order = { type: "mergeAttempt", attempt: "t1/a/1", team: "t1", key: "a", title: "A", commit: "c" } as const;
/** Waits pass at once. */
const clock: Clock = {
  ...systemClock,
  after(_delay, task) {
    systemClock.soon(task);
    return () => {};
  },
};

/** What is reported of a merge whose tries end as `outcomes` say, one after the other. */
async function reportsOf(outcomes: ("GIT_FAILED" | "DISK_FULL" | "merged" | "conflict")[]): Promise<Report[]> {
  const reported = Promise.withResolvers<Report>();
  const workspaces = {
    openTeam: async () => {},
    async merge() {
      const outcome = outcomes.shift() ?? "GIT_FAILED";
      if (outcome === "merged") return { merged: "m" };
      if (outcome === "conflict") return { conflict: "both" };
      throw new GodelError(outcome, "no");
    },
  };
  const merges = new Merges(workspaces as unknown as Worktrees, clock, (report) => reported.resolve(report));
  merges.start(team, order);
  return [await reported.promise];
}

test("a merge is tried again while git or the disk fails, for an earlier node may have merged it already", async () => {
  const merged: Report = { type: "attemptMerged", attempt: "t1/a/1", commit: "m" };
  deepEqual(await reportsOf(["GIT_FAILED", "DISK_FULL", "merged"]), [merged]);
});

test("a conflict is final at once, and git that keeps failing is in the end", async () => {
  const failed = (reason: "conflict" | "workspace", detail: string): Report => {
    return { type: "attemptFailed", attempt: "t1/a/1", failure: { reason, detail }, commit: null };
  };
  deepEqual(await reportsOf(["conflict"]), [failed("conflict", "both")]);
  deepEqual(await reportsOf([]), [failed("workspace", "no")]);
});
