import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { Fleet, planOf, teamSpec } from "../engine/fleet.testing.ts";
import { present } from "../lib/assert.ts";
import { noUsage } from "../model/usage.ts";
import { slowestTasks } from "./at-work.ts";
import { teamStatus } from "./views.ts";

/** What a team of 5 USD shows that has spent 2, while its node last said that `reservedUsd` were reserved. */
function shown(reservedUsd: number): [spentUsd: number, reservedUsd: number] {
  const fleet = new Fleet();
  fleet.team({ a: [] }, { budgetUsd: 5 });
  const attempt = fleet.attempt("a").id;
  fleet.report({ type: "attemptSpent", attempt, usage: { ...noUsage, requests: 1, costUsd: 2 } });
  const team = present(fleet.state.teams.get("t1"), "the team");
  const { cost } = teamStatus(fleet.state, team, { now: fleet.at, reservedUsd, parked: [], options: fleet.options });
  return [cost.spentUsd, cost.reservedUsd];
}

test("money that was spent since the node said that it was reserved is not shown as both", () => {
  deepEqual(shown(3), [2, 3]);
  deepEqual(shown(4), [2, 3]);
  deepEqual(shown(1), [2, 1]);
});

test("of many tasks at work the eight that take longest are shown, the slowest first", () => {
  const fleet = new Fleet();
  fleet.join();
  const tasks = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`k${i}`, []]));
  fleet.run({ type: "createTeam", team: teamSpec({ desired: 12 }), plan: planOf(tasks) });
  for (const agent of [...fleet.state.agents.keys()]) {
    fleet.at += 1_000;
    fleet.report({ type: "agentReady", agent, hostPid: 70, sessionId: `s-${agent}` });
  }
  const slowest = slowestTasks(fleet.state, "t1", { now: fleet.at, activities: new Map([["t1-a1", "read a.js"]]) });
  deepEqual(
    slowest.map(({ task }) => task),
    ["k0", "k1", "k2", "k3", "k4", "k5", "k6", "k7"],
  );
  deepEqual(slowest.map(({ forMs }) => forMs).slice(0, 2), [11_000, 10_000]);
  deepEqual(
    slowest.filter(({ activity }) => activity !== "").map(({ activity }) => activity),
    ["read a.js"],
  );
});
