import { ok } from "node:assert/strict";
import { test } from "node:test";
import { arc, hpa, keeping, kpa, ours, thresholds } from "./rules.testing.ts";
import { type ScaleRule, simulate } from "./simulation.testing.ts";

/** On one seed: wait p95 in seconds / agent-hours / spawns; `npm run bench -- scaling` takes eleven. */
const seed = 1;
const run = (rule: ScaleRule) => simulate(rule, seed);
const mine = run(ours());

test("against thresholds (111 s, 91 agent-hours): waits under 30 s at p95, for two thirds of the agent-hours", () => {
  const theirs = run(thresholds());
  ok(mine.waitP95S < 30 && theirs.waitP95S > 90, `${mine.waitP95S} s against ${theirs.waitP95S} s`);
  ok(mine.agentHours < 0.7 * theirs.agentHours, `${mine.agentHours} h against ${theirs.agentHours} h`);
});

test("against the HPA (50 s, 119 agent-hours): half the wait, for half the agent-hours", () => {
  const theirs = run(hpa());
  ok(mine.waitP95S < 0.55 * theirs.waitP95S, `${mine.waitP95S} s against ${theirs.waitP95S} s`);
  ok(mine.agentHours < 0.55 * theirs.agentHours, `${mine.agentHours} h against ${theirs.agentHours} h`);
});

test("against the KPA (24 s, 66 agent-hours, 947 spawns): no more of any, and three quarters of the agent-hours", () => {
  const theirs = run(kpa());
  ok(mine.waitP95S <= theirs.waitP95S, `${mine.waitP95S} s against ${theirs.waitP95S} s`);
  ok(mine.agentHours < 0.8 * theirs.agentHours, `${mine.agentHours} h against ${theirs.agentHours} h`);
  ok(mine.spawns <= theirs.spawns, `${mine.spawns} spawns against ${theirs.spawns}`);
});

test("against ARC (36 s, 52 agent-hours, 2,400 spawns): less of each, and half the spawns of one that kept its runners", () => {
  const theirs = run(arc());
  ok(mine.waitP95S < theirs.waitP95S, `${mine.waitP95S} s against ${theirs.waitP95S} s`);
  ok(mine.agentHours < theirs.agentHours, `${mine.agentHours} h against ${theirs.agentHours} h`);
  ok(mine.spawns < 0.6 * run(keeping()).spawns, `${mine.spawns} spawns against ${run(keeping()).spawns}`);
});

test("with the plan's thresholds it still beats the threshold rule on wait and agent-hours", () => {
  const plan = run(ours({ scaleUpThreshold: 10, scaleDownThreshold: 0.2 }));
  const theirs = run(thresholds());
  ok(plan.waitP95S < 0.3 * theirs.waitP95S && plan.agentHours < 0.7 * theirs.agentHours);
});

test("never has more than the maximum under bursts of 60", () => {
  ok(mine.most === 50);
});
