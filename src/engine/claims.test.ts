import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { checkPlan, type PlanTask } from "../model/plan.ts";
import { Fleet, teamSpec } from "./fleet.testing.ts";
import { loadSnapshot, snapshotNow } from "./snapshot.ts";
import { teamIndex } from "./state.ts";

function fleetOf(tasks: (Pick<PlanTask, "id"> & Partial<PlanTask>)[], agents = 4): Fleet {
  const fleet = new Fleet();
  fleet.join();
  const plan = checkPlan({ tasks: tasks.map((task) => ({ prompt: `do ${task.id}`, ...task })) });
  fleet.run({ type: "createTeam", team: teamSpec({ desired: agents }), plan });
  fleet.startAll();
  return fleet;
}

const statesOf = (fleet: Fleet, ...keys: string[]) => keys.map((key) => fleet.task(key).state);

test("a task waits while another works on files that it claims, and starts once those are merged, not before", () => {
  const fleet = fleetOf([
    { id: "schema", files: ["db/**"] },
    { id: "seeds", files: ["db/seeds.sql"] },
    { id: "ui", files: ["web/**"] },
  ]);
  deepEqual(statesOf(fleet, "schema", "seeds", "ui"), ["running", "queued", "running"]);
  const attempt = fleet.attempt("schema").id;
  fleet.report({ type: "attemptVerifying", attempt });
  fleet.report({ type: "attemptVerified", attempt, commit: "c" });
  equal(fleet.task("seeds").state, "queued");
  fleet.report({ type: "attemptMerged", attempt, commit: "m" });
  equal(fleet.task("seeds").state, "running");
});

test("a less urgent task whose files are free goes before a more urgent one whose files are not", () => {
  const fleet = fleetOf([
    { id: "first", files: ["src/**"], priority: 9 },
    { id: "second", files: ["src/a.ts"], priority: 8 },
    { id: "third", files: ["docs/**"] },
  ]);
  deepEqual(statesOf(fleet, "first", "second", "third"), ["running", "queued", "running"]);
});

test("files are free again when an attempt fails or its task is cancelled", () => {
  const fleet = fleetOf([
    { id: "one", files: ["a/**"], priority: 1 },
    { id: "two", files: ["a/**"] },
  ]);
  fleet.fail("one");
  deepEqual(statesOf(fleet, "one", "two"), ["queued", "running"]);
  fleet.run({ type: "cancelTask", task: "t1/two" });
  fleet.at += 60_000;
  fleet.run({ type: "wake" });
  equal(fleet.task("one").state, "running");
});

test("of tasks that all claim the same files one works at a time, until all are done", () => {
  const keys = Array.from({ length: 12 }, (_, i) => `t${i}`);
  const fleet = fleetOf(keys.map((id) => ({ id, files: ["**"] })));
  for (let done = 0; done < keys.length; done++) {
    const running = keys.filter((key) => fleet.task(key).state === "running");
    equal(running.length, 1);
    fleet.finish(running[0] ?? "");
  }
  equal(fleet.state.teams.get("t1")?.state, "done");
});

test("who holds files is known again after a restart from a snapshot", async () => {
  const fleet = fleetOf([
    { id: "one", files: ["a/**"] },
    { id: "two", files: ["a/x"] },
  ]);
  const chunks = snapshotNow(fleet.state);
  const state = await loadSnapshot(
    (async function* () {
      yield* chunks;
    })(),
  );
  const index = teamIndex(state, "t1");
  deepEqual([...index.claims.holders], ["t1/one"]);
  deepEqual(index.ready.best(), []);
  equal(index.ready.queuedBehind, 1);
});
