import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { Fleet } from "../engine/fleet.testing.ts";
import { noUsage } from "../model/usage.ts";
import { attentionOf } from "./attention.ts";

const nobody = { parkedOf: () => [] };

function seen(fleet: Fleet, live: Parameters<typeof attentionOf>[1] = nobody) {
  return attentionOf(fleet.state, live).map(({ cause, title, count, heldUp, actions }) => [
    cause,
    title,
    count,
    heldUp,
    ...actions,
  ]);
}

test("what failed is grouped by cause, with what hangs on it, until it is retried", () => {
  const fleet = new Fleet({ maxFailures: 1 });
  fleet.team({ a: [], b: [], c: ["a"], d: ["c"], e: ["a", "b"], f: [] });
  deepEqual(seen(fleet), []);
  fleet.fail("a", "gate");
  fleet.fail("b", "gate");
  fleet.fail("f", "timeout");
  deepEqual(seen(fleet), [
    ["failed", "2 tasks failed: gate", 2, 3, "retry"],
    ["failed", "1 task failed: timeout", 1, 0, "retry"],
  ]);
  const group = attentionOf(fleet.state, nobody)[0];
  deepEqual(
    group?.items.map(({ id }) => id),
    ["t1/a", "t1/b"],
  );
  for (const { id } of group?.items ?? []) fleet.run({ type: "retryTask", task: id });
  deepEqual(seen(fleet), [["failed", "1 task failed: timeout", 1, 0, "retry"]]);
});

test("a budget that runs short, a paused team, paused agents and endless waits for a provider need somebody", () => {
  const fleet = new Fleet();
  fleet.team({ a: [], b: ["a"] }, { desired: 2, budgetUsd: 1 });
  const { id: attempt, agent } = fleet.attempt("a");
  fleet.report({ type: "attemptSpent", attempt, usage: { ...noUsage, costUsd: 0.85 } });
  fleet.run({ type: "pauseAgent", agent });
  deepEqual(seen(fleet), [
    ["agents-paused", "1 agent is paused", 1, 0, "resume-agents"],
    ["budget", "80% of the budget is spent", 0, 0, "raise-budget"],
  ]);
  fleet.run({ type: "pauseTeam", team: "t1" });
  fleet.run({ type: "raiseBudget", team: "t1", budgetUsd: 9 });
  const parked = { team: "t1", attempt, why: "its account is out of credit", until: null };
  deepEqual(seen(fleet, { parkedOf: () => [parked as never] }), [
    ["paused", "the team is paused", 0, 1, "resume-team"],
    ["parked", "1 agent waits for a provider: its account is out of credit", 1, 0],
  ]);
  // Where another model may do, a person is asked.
  fleet.run({ type: "resumeTeam", team: "t1" });
  const isOut = { ...parked, why: "all providers are out", isOut: true, since: fleet.at - 300_000 };
  deepEqual(seen(fleet, { parkedOf: () => [isOut as never] }), [
    ["parked", "1 agent waits for a provider: all providers are out", 1, 0, "answer"],
  ]);
  fleet.run({ type: "killTeam", team: "t1" });
  equal(seen(fleet).length, 0);
});
