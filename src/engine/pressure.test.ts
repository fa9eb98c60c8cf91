import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { halfFree } from "../model/resources.testing.ts";
import type { NodeResources } from "../model/resources.ts";
import { Fleet } from "./fleet.testing.ts";
import { ordersFor } from "./orders.ts";

const measured = (fleet: Fleet, resources: Partial<NodeResources>) =>
  fleet.run({ type: "measureNode", node: "n1", resources: { ...halfFree, ...resources } });

test("on a disk that is nearly full nothing new starts, what runs is finished, and with room it goes on by itself", () => {
  const fleet = new Fleet();
  fleet.team({ a: [], b: [], c: [], d: [] });
  const events = measured(fleet, { disk: { free: 0.5e9, total: 100e9 } });
  deepEqual(
    events.map(({ type }) => type),
    ["nodePressed"],
  );
  fleet.finish("a");
  deepEqual([fleet.task("a").state, fleet.task("c").state], ["done", "queued"]);
  const lost = fleet.report({ type: "agentLost", agent: fleet.attempt("b").agent, reason: "died" });
  equal(
    lost.some(({ type }) => type === "agentRequested"),
    false,
    "no agent is started either",
  );

  deepEqual(measured(fleet, { disk: { free: 1.5e9, total: 100e9 } }), [], "not before there is clearly enough");
  measured(fleet, {});
  equal(fleet.task("b").state === "running" || fleet.task("c").state === "running", true);
  fleet.startAll();
  for (const key of ["b", "c", "d"]) fleet.finish(key);
  equal(fleet.state.teams.get("t1")?.state, "done");
});

test("what fails beside a full disk is tried again by turns, however often, and counts for neither task nor agent", () => {
  const fleet = new Fleet({ retryDelayMs: 0 });
  fleet.team({ a: [] }, { desired: 1, max: 1, min: 1 });
  const fills = fleet.options.maxFailures + 2;
  for (let i = 0; i < fills; i++) {
    fleet.at += 600_000;
    fleet.run({ type: "wake" });
    fleet.start("a");
    measured(fleet, { disk: { free: 0.5e9, total: 100e9 } });
    fleet.at++;
    // Whether it ends before there is room again or soon after: what it wrote meanwhile is lost.
    if (i % 2 === 0) measured(fleet, {});
    fleet.fail("a");
    measured(fleet, {});
  }
  const task = fleet.task("a");
  deepEqual([task.failures, task.losses, task.failure?.reason, task.attempts.length], [0, 0, "disk-full", fills + 1]);
  fleet.at += 600_000;
  fleet.run({ type: "wake" });
  fleet.start("a");
  fleet.fail("a");
  deepEqual([fleet.task("a").failures, fleet.task("a").failure?.reason], [1, "gate"]);
});

test("without memory the idle agents go, and come back with it; those at work finish", () => {
  const fleet = new Fleet();
  fleet.team({ a: [], b: ["a"], c: ["a"] }, { desired: 3 });
  const events = measured(fleet, { memory: { free: 0.1e9, total: 16e9 } });
  equal(events.filter(({ type }) => type === "agentDraining").length, 2);
  const orders = ordersFor(fleet.state, events, fleet.options).get("n1") ?? [];
  deepEqual(
    orders.map(({ type }) => type),
    ["keepWarm", "stopAgents"],
  );
  for (const { id, state } of [...fleet.state.agents.values()]) {
    if (state === "draining") fleet.report({ type: "agentStopped", agent: id, reason: "told to", failed: false });
  }
  fleet.finish("a");
  equal(fleet.task("b").state, "queued");
  const eased = measured(fleet, {});
  equal(eased.filter(({ type }) => type === "agentRequested").length, 3);
  fleet.startAll();
  for (const key of ["b", "c"]) fleet.finish(key);
  equal(fleet.state.teams.get("t1")?.state, "done");
});

test("what is measured is journaled only where it changes what the node is short of, and outlives a new process of it", () => {
  const fleet = new Fleet();
  fleet.team({ a: [], b: [] });
  const scarce = { disk: { free: 0.5e9, total: 100e9 } };
  equal(measured(fleet, scarce).length, 1);
  deepEqual(measured(fleet, { disk: { free: 0.4e9, total: 100e9 } }), []);
  fleet.join([], [], 8);
  deepEqual(fleet.state.nodes.get("n1")?.pressure?.kinds, ["disk"]);
  const both = measured(fleet, { ...scarce, memory: { free: 0, total: 16e9 } });
  deepEqual(
    both.flatMap((event) => (event.type === "nodePressed" ? event.kinds : [])),
    ["disk", "memory"],
  );
});
