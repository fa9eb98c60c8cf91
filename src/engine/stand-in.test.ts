import { deepEqual, equal, throws } from "node:assert/strict";
import { test } from "node:test";
import { Fleet } from "./fleet.testing.ts";
import { ordersFor } from "./orders.ts";
import { teamOf } from "./state.ts";

test("the model that a person allows goes to each node with the team, until it is taken back", () => {
  const fleet = new Fleet();
  fleet.team({ a: [] });
  const standIn = (model: string | null) => {
    const orders = ordersFor(fleet.state, fleet.run({ type: "standIn", team: "t1", model }), fleet.options);
    return [...orders.values()].flat().flatMap((order) => (order.type === "openTeam" ? [order.team.standIn] : []));
  };
  deepEqual(standIn("other/m"), ["other/m"]);
  equal(teamOf(fleet.state, "t1").standIn, "other/m");
  deepEqual(standIn("other/m"), []);
  deepEqual(standIn(null), [undefined]);
  equal(teamOf(fleet.state, "t1").standIn, undefined);
  fleet.run({ type: "killTeam", team: "t1" });
  throws(() => standIn("other/m"), { code: "TEAM_ENDED" });
});
