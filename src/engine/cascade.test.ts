import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { policyDefaults } from "../federation/policies.ts";
import { present } from "../lib/assert.ts";
import { checkPlan } from "../model/plan.ts";
import { evolve } from "./evolve.ts";
import { Fleet, teamSpec } from "./fleet.testing.ts";
import { resyncOrders } from "./orders.ts";
import { loadSnapshot, snapshotNow } from "./snapshot.ts";
import { emptyState } from "./state.ts";

const tiers = [
  { name: "cheap", model: "a/cheap", costUsd: 0.01 },
  { name: "best", model: "a/best", costUsd: 1 },
];

function cascading(): Fleet {
  const fleet = new Fleet({ maxFailures: 5, retryDelayMs: 0 });
  fleet.team({ a: [] }, { model: "auto", tiers, desired: 1 });
  return fleet;
}

const newest = (fleet: Fleet) => present([...fleet.state.attempts.values()].at(-1), "an attempt");

/** Ends the newest attempt at a gate, and lets its backoff pass. */
function failGate(fleet: Fleet): void {
  const { id } = newest(fleet);
  fleet.report({ type: "attemptStarted", attempt: id, sessionId: "s", transcript: null });
  fleet.report({ type: "attemptVerifying", attempt: id });
  fleet.report({
    type: "attemptFailed",
    attempt: id,
    failure: { reason: "gate", detail: "`test` exited with 1" },
    commit: null,
  });
  fleet.at += 10_000;
  fleet.run({ type: "wake" });
}

test("a task starts on a tier that is drawn, and goes up when its gate fails, told who has tried", () => {
  const fleet = cascading();
  equal(newest(fleet).tier?.name, "cheap");
  failGate(fleet);
  const attempt = newest(fleet);
  deepEqual([attempt.number, attempt.tier?.model], [2, "a/best"]);
  const options = { attemptDeadlineMs: 1_000, maxSplitDepth: 0, policies: policyDefaults };
  const orders = resyncOrders(fleet.state, "n1", { agents: [], attempts: [] }, options);
  const start = orders.find((order) => order.type === "startAttempt");
  ok(start?.type === "startAttempt");
  equal(start.attempt.model, "a/best");
  match(start.attempt.feedback, /Tried so far by: a\/cheap\./);
});

test("a team's preferred cost says what its tasks start with, but for a task that says its own", () => {
  const fleet = new Fleet();
  const plan = checkPlan({
    tasks: [
      { id: "a", prompt: "p" },
      { id: "b", prompt: "p", preferredCost: "low" },
    ],
  });
  const team = teamSpec({ model: "auto", tiers, desired: 2, preferredCost: "high" });
  fleet.join();
  fleet.run({ type: "createTeam", team, plan });
  fleet.startAll();
  const started = [...fleet.state.attempts.values()].map(({ task, tier }) => [task.split("/")[1], tier?.name]);
  deepEqual(started, [
    ["a", "best"],
    ["b", "cheap"],
  ]);
  throws(() => checkPlan({ tasks: [{ id: "a", prompt: "p", preferredCost: "free" }] }), {
    code: "PLAN_INVALID",
    message: /`preferredCost` must be one of low, medium, high/,
  });
});

test("what passed and failed is learnt by tier and skill, and replay and snapshot know the same", async () => {
  const fleet = cascading();
  failGate(fleet);
  const { id } = newest(fleet);
  fleet.report({ type: "attemptStarted", attempt: id, sessionId: "s", transcript: null });
  fleet.report({ type: "attemptVerified", attempt: id, commit: "c" });
  fleet.report({ type: "attemptMerged", attempt: id, commit: "c" });
  const counts = Object.entries(fleet.state.tierRecords).map(([key, { passed, failed }]) => [key, passed, failed]);
  deepEqual(counts, [
    ["cheap  first", 0, 1],
    ["best  retried", 1, 0],
  ]);
  const replayed = emptyState();
  for (const event of fleet.events) evolve(replayed, event);
  deepEqual(replayed.tierRecords, fleet.state.tierRecords);
  async function* chunks() {
    yield* snapshotNow(fleet.state);
  }
  deepEqual((await loadSnapshot(chunks())).tierRecords, fleet.state.tierRecords);
});

test("an attempt that was lost says nothing of its tier", () => {
  const fleet = cascading();
  fleet.run({ type: "loseNode", node: "n1", pid: 7, reason: "gone", planned: false });
  deepEqual(fleet.state.tierRecords, {});
});
