import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { policyDefaults } from "../federation/policies.ts";
import type { Order } from "../model/link.ts";
import { Fleet, planOf, teamSpec } from "./fleet.testing.ts";
import { ordersFor, resyncOrders } from "./orders.ts";

const options = { attemptDeadlineMs: 1_000, maxSplitDepth: 0, policies: policyDefaults };
const kinds = (orders: Order[] | undefined) => (orders ?? []).map(({ type }) => type);

test("a new team is opened first, then all its agents are started with one order", () => {
  const fleet = new Fleet();
  fleet.join();
  const events = fleet.run({ type: "createTeam", team: teamSpec({ desired: 50 }), plan: planOf({ a: [] }) });
  const orders = ordersFor(fleet.state, events, options).get("n1");
  deepEqual(kinds(orders), ["openTeam", "startAgents"]);
  equal(orders?.[1]?.type === "startAgents" && orders[1].agents.length, 50);
});

test("an agent that drains is stopped when its attempt needs it no more, and not before", () => {
  const fleet = new Fleet();
  fleet.team({ a: [], b: [] });
  const scaled = fleet.run({ type: "scaleTeam", team: "t1", desired: 1 });
  // It may have been paused in the middle of its work, which it is to finish.
  deepEqual(kinds(ordersFor(fleet.state, scaled, options).get("n1")), ["resumeAgents"]);
  const draining = [...fleet.state.agents.values()].find(({ state }) => state === "draining");
  const freed = fleet.report({ type: "attemptVerifying", attempt: draining?.attempt ?? "" });
  deepEqual(ordersFor(fleet.state, freed, options).get("n1"), [{ type: "stopAgents", agents: [draining?.id] }]);
});

test("a node that comes back is told again of what it may have missed, and to drop what is not wanted", () => {
  const fleet = new Fleet();
  fleet.team({ a: [], b: [] });
  fleet.report({ type: "attemptVerified", attempt: fleet.attempt("a").id, commit: "c" });
  const agents = [...fleet.state.agents.keys()];
  const known = { agents: [...agents, "stranger"], attempts: [fleet.attempt("a").id, "t1/gone/1"] };
  const orders = resyncOrders(fleet.state, "n1", known, options);
  deepEqual(
    new Set(kinds(orders)),
    new Set([
      "limitSpending",
      "openTeam",
      "stopAgents",
      "startAttempt",
      "mergeAttempt",
      "resumeAgents",
      "cancelAttempt",
    ]),
  );
  deepEqual(kinds(orders).slice(0, 2), ["limitSpending", "openTeam"]);
  deepEqual(
    orders.find(({ type }) => type === "stopAgents"),
    { type: "stopAgents", agents: ["stranger"] },
  );
  deepEqual(
    orders.find(({ type }) => type === "cancelAttempt"),
    { type: "cancelAttempt", attempt: "t1/gone/1" },
  );
});

test("an agent that was never started, and is not wanted any more, is stopped, so that its end is heard", () => {
  const fleet = new Fleet();
  fleet.join();
  fleet.run({ type: "createTeam", team: teamSpec({ desired: 1 }), plan: planOf({ a: [] }) });
  fleet.run({ type: "killTeam", team: "t1" });
  const orders = resyncOrders(fleet.state, "n1", { agents: [], attempts: [] }, options);
  deepEqual(orders.at(-1), { type: "stopAgents", agents: ["t1-a1"] });
});

test("gates of the team come before those of the task, and the next attempt is told what the last ran into", () => {
  const fleet = new Fleet({ retryDelayMs: 0 });
  fleet.team({ a: [] }, { gates: ["npm test"] });
  const failed = fleet.fail("a");
  const orders = ordersFor(fleet.state, failed, options).get("n1") ?? [];
  const start = orders.find((order) => order.type === "startAttempt");
  deepEqual(start?.attempt.gates, ["npm test"]);
  equal(start?.attempt.feedback, "gate: gate said no");
});
