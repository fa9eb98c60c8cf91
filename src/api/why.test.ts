import { equal, match } from "node:assert/strict";
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

test("a task that was taken from its agent says from whom, and that it waits for another", () => {
  const fleet = new Fleet();
  fleet.team({ a: [], b: [], c: [] }, { desired: 2 });
  const { agent } = fleet.attempt("a");
  fleet.run({ type: "reassignTask", task: "t1/a" });
  const told = why(fleet.state, fleet.task("a"), live);
  equal(told.because, `a person took it from agent ${agent}, so it waits for another: 1 of 1 that could do it at work`);
  match(told.facts.join("\n"), /attempt 1 by t1-a\d: cancelled \(cancelled: a person gave the task to another agent\)/);
  fleet.finish("b");
  fleet.start("a");
  const now = why(fleet.state, fleet.task("a"), live).because;
  equal(now, `agent ${fleet.attempt("a").agent} works on attempt 2; a person took it from agent ${agent}`);
});

test("a task that its agent got back says that no other could have it", () => {
  const fleet = new Fleet();
  fleet.team({ a: [] }, { desired: 1 });
  fleet.run({ type: "reassignTask", task: "t1/a" });
  fleet.start("a");
  match(
    why(fleet.state, fleet.task("a"), live).because,
    /; a person took it from this agent, but no other could have it$/,
  );
});
