import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { Fleet } from "../engine/fleet.testing.ts";
import { present } from "../lib/assert.ts";
import { noUsage } from "../model/usage.ts";
import { teamStatus } from "./views.ts";

/** What a team of 5 USD shows that has spent 2, while its node last said that `reservedUsd` were reserved. */
function shown(reservedUsd: number): [spentUsd: number, reservedUsd: number] {
  const fleet = new Fleet();
  fleet.team({ a: [] }, { budgetUsd: 5 });
  const attempt = fleet.attempt("a").id;
  fleet.report({ type: "attemptSpent", attempt, usage: { ...noUsage, requests: 1, costUsd: 2 } });
  const team = present(fleet.state.teams.get("t1"), "the team");
  const { cost } = teamStatus(fleet.state, team, { now: fleet.at, reservedUsd, parked: [] });
  return [cost.spentUsd, cost.reservedUsd];
}

test("money that was spent since the node said that it was reserved is not shown as both", () => {
  deepEqual(shown(3), [2, 3]);
  deepEqual(shown(4), [2, 3]);
  deepEqual(shown(1), [2, 1]);
});
