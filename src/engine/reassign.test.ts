/** A person takes a task from the agent that works on it. */
import { deepEqual, equal, notEqual, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { Fleet } from "./fleet.testing.ts";
import { rejectionsOf } from "./selecting.ts";
import { loadSnapshot, snapshotNow } from "./snapshot.ts";
import { teamIndex } from "./state.ts";

test("a task that is taken from its agent goes to another that is free, and the agent lives on with other work", () => {
  const fleet = new Fleet();
  fleet.team({ a: [], b: [] }, { desired: 3 });
  fleet.start("a");
  const { id, agent } = fleet.attempt("a");
  fleet.run({ type: "reassignTask", task: "t1/a" });
  notEqual(fleet.attempt("a").agent, agent);
  deepEqual([fleet.state.attempts.get(id)?.state, fleet.attempt("a").number], ["cancelled", 2]);
  equal(fleet.state.agents.get(agent)?.state, "idle");
  const { failures, losses, conflicts } = fleet.task("a");
  deepEqual([failures, losses, conflicts], [0, 0, 0]);
  equal(fleet.state.agents.get(agent)?.standing?.record, undefined);
  equal(fleet.attempt("a").choice?.rejected.find(({ why }) => why === "it was taken from it")?.agents, 1);
});

test("while the others are at work it waits for one of them, and the agent that had it gets the next task", () => {
  const fleet = new Fleet();
  fleet.team({ a: [], b: [], c: [] }, { desired: 2 });
  const { agent } = fleet.attempt("a");
  const other = fleet.attempt("b").agent;
  fleet.run({ type: "reassignTask", task: "t1/a" });
  equal(fleet.task("a").state, "queued");
  equal(fleet.attempt("c").agent, agent);
  fleet.finish("c");
  equal(fleet.task("a").state, "queued");
  const out = rejectionsOf(fleet.state, teamIndex(fleet.state, "t1"), fleet.task("a"));
  ok(out.some(({ why, agents }) => why === "it was taken from it" && agents === 1));
  fleet.finish("b");
  equal(fleet.attempt("a").agent, other);
});

test("where no other may have it, the agent that had it gets it back", () => {
  const fleet = new Fleet();
  fleet.team({ a: [] }, { desired: 1 });
  const { agent } = fleet.attempt("a");
  fleet.run({ type: "reassignTask", task: "t1/a" });
  deepEqual([fleet.attempt("a").agent, fleet.attempt("a").number], [agent, 2]);
});

test("it no longer waits for another once that one is paused", () => {
  const fleet = new Fleet();
  fleet.team({ a: [], b: [] }, { desired: 2 });
  const { agent } = fleet.attempt("a");
  const other = fleet.attempt("b").agent;
  fleet.run({ type: "reassignTask", task: "t1/a" });
  equal(fleet.task("a").state, "queued");
  fleet.run({ type: "pauseAgent", agent: other });
  equal(fleet.attempt("a").agent, agent);
});

test("a restart does not forget from whom it was taken", async () => {
  const fleet = new Fleet();
  fleet.team({ a: [], b: [] }, { desired: 2 });
  fleet.run({ type: "reassignTask", task: "t1/a" });
  const chunks = snapshotNow(fleet.state);
  const state = await loadSnapshot(
    (async function* () {
      yield* chunks;
    })(),
  );
  const again = new Fleet(fleet.options);
  Object.assign(again, { state, at: fleet.at });
  const had = again.task("a").takenFrom;
  equal(had, fleet.task("a").takenFrom);
  again.run({ type: "wake" });
  equal(again.task("a").state, "queued");
  again.finish("b");
  notEqual(again.attempt("a").agent, had);
});

test("only what an agent works on can be taken from it", () => {
  const fleet = new Fleet();
  fleet.team({ a: [], b: ["a"], c: [] }, { desired: 2 });
  const reassign = (key: string) => () => fleet.run({ type: "reassignTask", task: `t1/${key}` });
  throws(reassign("b"), { code: "TASK_STATE" });
  throws(reassign("nothing"), { code: "TASK_NOT_FOUND" });
  const attempt = fleet.attempt("a").id;
  fleet.start("a");
  fleet.report({ type: "attemptVerifying", attempt });
  throws(reassign("a"), { code: "TASK_STATE" });
  fleet.report({ type: "attemptVerified", attempt, commit: "c" });
  throws(reassign("a"), { code: "TASK_MERGING" });
  fleet.report({ type: "attemptMerged", attempt, commit: "m" });
  throws(reassign("a"), { code: "TASK_ENDED" });
});
