import { deepEqual, equal, throws } from "node:assert/strict";
import { test } from "node:test";
import { noUsage } from "../model/usage.ts";
import { Fleet } from "./fleet.testing.ts";

function spend(fleet: Fleet, key: string, costUsd: number) {
  return fleet.report({ type: "attemptSpent", attempt: fleet.attempt(key).id, usage: { ...noUsage, costUsd } });
}

test("a team whose budget is spent goes on when that is raised and its tasks are retried", () => {
  const fleet = new Fleet();
  fleet.team({ a: [], b: ["a"] }, { desired: 1, budgetUsd: 1 });
  spend(fleet, "a", 1);
  fleet.finish("a");
  deepEqual([fleet.task("b").state, fleet.task("b").failure?.reason], ["failed", "budget"]);
  equal(fleet.state.teams.get("t1")?.reason, "budget exhausted");

  fleet.run({ type: "raiseBudget", team: "t1", budgetUsd: 4 });
  const granted = fleet.run({ type: "retryTask", task: "t1/b" }).filter(({ type }) => type === "allowanceGranted");
  deepEqual(
    granted.map((event) => "usd" in event && event.usd),
    [4],
  );
  fleet.startAll();
  // What was told of half, four fifths or all is told of the new budget.
  const told = spend(fleet, "b", 1.5).filter(({ type }) => type === "teamBudgetReached");
  deepEqual(
    told.map((event) => "percent" in event && event.percent),
    [50],
  );
  fleet.finish("b");
  equal(fleet.state.teams.get("t1")?.state, "done");
});

test("a budget is never lowered, as all of it may be given out; without one there is nothing to raise", () => {
  const fleet = new Fleet();
  fleet.team({ a: [] }, { budgetUsd: 2 });
  const raise = (budgetUsd: number | null) => fleet.run({ type: "raiseBudget", team: "t1", budgetUsd });
  throws(() => raise(1.99), { code: "OPTION_RANGE" });
  throws(() => raise(2e6), { code: "OPTION_RANGE" });
  deepEqual(raise(2), []);
  raise(null);
  equal(fleet.state.teams.get("t1")?.budgetUsd, null);
  throws(() => raise(5), { code: "OPTION_RANGE" });
  fleet.run({ type: "killTeam", team: "t1" });
  throws(() => raise(null), { code: "TEAM_ENDED" });
  throws(() => fleet.run({ type: "raiseBudget", team: "t9", budgetUsd: null }), { code: "TEAM_NOT_FOUND" });
});

test("planning is charged by what its node has counted in all: a repeat changes nothing, and another node's adds to it", () => {
  const fleet = new Fleet();
  fleet.team({ a: [] }, { budgetUsd: 1 });
  const tell = (node: string, costUsd: number, requests: number) => {
    const report = { type: "planningSpent", team: "t1", usage: { ...noUsage, requests, costUsd } } as const;
    return fleet.run({ type: "acceptReport", node, report }).map(({ type }) => type);
  };
  const spent = () => fleet.state.teams.get("t1")?.usage.costUsd;
  deepEqual(tell("n1", 0.25, 1), ["teamSpent"]);
  deepEqual(tell("n1", 0.25, 1), []);
  equal(spent(), 0.25);
  deepEqual(tell("n2", 0.125, 1), ["teamSpent"]);
  deepEqual(tell("n1", 0.5, 2), ["teamSpent", "teamBudgetReached"]);
  // A node whose ledger was lost counts anew: nothing is given back.
  deepEqual(tell("n1", 0.125, 1), []);
  equal(spent(), 0.625);
  deepEqual(
    fleet.run({ type: "acceptReport", node: "n1", report: { type: "planningSpent", team: "t9", usage: noUsage } }),
    [],
  );
});
