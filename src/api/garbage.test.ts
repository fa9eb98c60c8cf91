import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { Fleet } from "../engine/fleet.testing.ts";
import { endedTeams } from "./garbage.ts";

function kept(fleet: Fleet): (string | null)[] {
  return endedTeams(fleet.state).map(({ keep }) => keep);
}

function leave(fleet: Fleet): void {
  for (const { id } of [...fleet.state.agents.values()]) {
    fleet.report({ type: "agentStopped", agent: id, reason: "it was told to", failed: false });
  }
}

test("a team that is done is over once its agents have left, and not before", () => {
  const fleet = new Fleet();
  fleet.team({ a: [] });
  fleet.finish("a");
  deepEqual(kept(fleet), []);
  leave(fleet);
  deepEqual(kept(fleet), [null]);
});

test("what a person may have tried again is kept: of a team that failed, or was done with tasks left out", () => {
  const fleet = new Fleet();
  fleet.team({ a: [], b: [] });
  fleet.finish("a");
  fleet.run({ type: "cancelTask", task: "t1/b" });
  leave(fleet);
  equal(fleet.state.teams.get("t1")?.state, "done");
  deepEqual(kept(fleet), ["a task of its team may be tried again"]);
});

test("a team that was killed goes, but not while its last merge is under way", () => {
  const fleet = new Fleet();
  fleet.team({ a: [] });
  const attempt = fleet.attempt("a").id;
  fleet.report({ type: "attemptStarted", attempt, sessionId: "s", transcript: null });
  fleet.report({ type: "attemptVerifying", attempt });
  fleet.report({ type: "attemptVerified", attempt, commit: "c" });
  fleet.run({ type: "killTeam", team: "t1" });
  leave(fleet);
  deepEqual(kept(fleet), ["a merge of its team is under way"]);
  fleet.report({ type: "attemptMerged", attempt, commit: "m" });
  deepEqual(kept(fleet), [null]);
});
