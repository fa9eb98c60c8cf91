import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { Fleet } from "../engine/fleet.testing.ts";
import { present } from "../lib/assert.ts";
import { noUsage } from "../model/usage.ts";
import { alertsOf } from "./alerts.ts";
import { costOf, costRows } from "./costs.ts";

/** A team of two tasks, each with an attempt that has spent something, and some planning. */
function spent() {
  const fleet = new Fleet();
  fleet.team({ a: [], b: [] }, { budgetUsd: 1, desired: 2 });
  const spend = (attempt: string, costUsd: number) =>
    fleet.report({ type: "attemptSpent", attempt, usage: { ...noUsage, requests: 1, input: 100, costUsd } });
  const [first, second] = [...fleet.state.attempts.keys()];
  spend(present(first, "an attempt"), 0.3);
  spend(present(second, "an attempt"), 0.1);
  fleet.run({ type: "chargeTeam", team: "t1", usage: { ...noUsage, requests: 1, output: 50, costUsd: 0.2 } });
  return { fleet, team: present(fleet.state.teams.get("t1"), "the team") };
}

test("what was spent is split by task, agent, model and hour, and each split has all of it", () => {
  const { fleet, team } = spent();
  const rows = (by: "task" | "agent" | "model" | "hour") => costRows(fleet.state, [team], by);
  deepEqual(
    rows("task").map(({ key, costUsd }) => [key, Number(costUsd.toFixed(6))]),
    [
      ["t1/a", 0.3],
      ["(planning)", 0.2],
      ["t1/b", 0.1],
    ],
  );
  for (const by of ["task", "agent", "model", "hour"] as const) {
    equal(
      rows(by)
        .reduce((sum, { costUsd }) => sum + costUsd, 0)
        .toFixed(6),
      "0.600000",
    );
  }
  deepEqual(
    rows("hour").map(({ key }) => key),
    ["1970-01-01T00:00:00.000Z"],
  );
});

test("burn is by the hour, and there is a forecast once a task is done", () => {
  const { fleet, team } = spent();
  const live = { now: fleet.at + 600_000, reservedUsd: 9 };
  const cost = costOf(team, 0, live);
  ok(Math.abs(cost.burnUsdPerHour - 3.6) < 0.01, String(cost.burnUsdPerHour));
  deepEqual([cost.forecastUsd, cost.reservedUsd.toFixed(2)], [null, "0.40"]);
  equal(costOf(team, 1, live).forecastUsd?.toFixed(6), "1.200000");
});

test("half, four fifths and all of a budget are told once each, journaled and shown", () => {
  const { fleet, team } = spent();
  const reached = () => fleet.events.flatMap((event) => (event.type === "teamBudgetReached" ? [event.percent] : []));
  deepEqual(reached(), [50]);
  ok(alertsOf(fleet.state, team).includes("50% of the budget is spent"));
  for (const costUsd of [0.1, 0.1, 0.3]) {
    fleet.run({ type: "chargeTeam", team: "t1", usage: { ...noUsage, requests: 1, costUsd } });
  }
  deepEqual(reached(), [50, 80, 100]);
});
