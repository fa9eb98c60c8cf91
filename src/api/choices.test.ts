import { deepEqual, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import { Fleet } from "../engine/fleet.testing.ts";
import { present } from "../lib/assert.ts";
import { agentViews } from "./views.ts";
import { why } from "./why.ts";

const live = { activities: new Map<string, string>(), parkedOf: () => [] };

function shown(fleet: Fleet, agent: string) {
  return present(agentViews(fleet.state, [present(fleet.state.agents.get(agent), agent)], live)[0], agent);
}

test("who asks why a task went to its agent is told of how many it was the best, by what, and who was out", () => {
  const fleet = new Fleet();
  fleet.team({ a: [], b: ["a"], c: ["a"] }, { desired: 3 });
  fleet.finish("a");
  deepEqual([fleet.attempt("b").choice?.among, fleet.attempt("c").choice?.among], [3, 2]);
  match(
    why(fleet.state, fleet.task("c"), live).facts.join("\n"),
    /attempt 1 by t1-a\d: leased; its agent was the best of 2 that were free: 0\.\d+ by skill 1, .*; 1 at work$/,
  );
  match(shown(fleet, fleet.attempt("c").agent).chosen, /^the best of 2 that were free/);
});

test("a task that waits says how many agents can't have it, and why", () => {
  const fleet = new Fleet();
  fleet.team({ a: [], b: [], c: [] }, { desired: 2 });
  fleet.run({ type: "pauseAgent", agent: fleet.attempt("a").agent });
  ok(why(fleet.state, fleet.task("c"), live).facts.includes("agents that can't have it: 1 at work, 1 paused"));
});

test("an agent that fails gets work after one that does not, and its record says so", () => {
  const fleet = new Fleet({ retryDelayMs: 1, maxFailures: 9 });
  fleet.team({ a: [], b: [], c: [], d: [] }, { desired: 2 });
  const [bad, good] = [fleet.attempt("a").agent, fleet.attempt("b").agent];
  equal(shown(fleet, bad).record, null);
  fleet.run({ type: "pauseAgent", agent: good });
  fleet.fail("a");
  fleet.finish("b");
  const failing = [...fleet.state.agents.values()].find(({ id }) => id === bad);
  ok(failing?.attempt);
  fleet.run({ type: "resumeAgent", agent: good });
  const [of, than] = [shown(fleet, good).record, shown(fleet, bad).record];
  ok((of?.reliability ?? 0) > (than?.reliability ?? 1));
  deepEqual([of?.usdPerUnit, of?.msPerUnit], [null, null]);
});
