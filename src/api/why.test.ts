import { equal } from "node:assert/strict";
import { test } from "node:test";
import { Fleet } from "../engine/fleet.testing.ts";
import { why } from "./why.ts";

const live = { activities: new Map<string, string>(), parkedOf: () => [] };

test("of a skipped task the whole chain is told, down to what failed and why", () => {
  const fleet = new Fleet({ maxFailures: 1 });
  fleet.team({ a: [], b: ["a"], c: ["b"] });
  fleet.fail("a");
  equal(why(fleet.state, fleet.task("c"), live).because, "it needs b, which needs a, which failed: gate");
});
