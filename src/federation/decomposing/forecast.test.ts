import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { checkPlan, type Plan } from "../../model/plan.ts";
import { forecastOf } from "./forecast.ts";

type Rows = Record<string, [weight: number, ...needs: string[]]>;

function planOf(rows: Rows): Plan {
  const tasks = Object.entries(rows).map(([id, [weight, ...needs]]) => ({ id, prompt: "Do it well", weight, needs }));
  return checkPlan({ tasks });
}

const diamond: Rows = { a: [1], b: [4, "a"], c: [2, "a"], d: [1, "b", "c"] };

test("time and cost are what six in ten of past tasks took, scaled by the work", () => {
  const experience = Array.from({ length: 10 }, (_, i) => ({ weight: 2, ms: 2_000 * (i + 1), usd: 0.02 * (i + 1) }));
  const { makespan, work, makespanMs, costUsd, criticalPath, basis } = forecastOf(planOf(diamond), 2, experience, "m");
  deepEqual([makespan, work, criticalPath], [6, 8, ["a", "b", "d"]]);
  deepEqual(makespanMs, { low: 6 * 3_000, high: 6 * 9_000 });
  deepEqual([costUsd?.low.toFixed(6), costUsd?.high.toFixed(6)], ["0.240000", "0.720000"]);
  equal(basis, "the last 10 tasks done with m");
});

test("without experience nothing is promised, and the plan's own shape is still told", () => {
  const { makespanMs, costUsd, width, basis } = forecastOf(planOf(diamond), 2, [], "");
  deepEqual([makespanMs, costUsd], [null, null]);
  equal(basis, "no task was done with this runtime yet");
  deepEqual([width.length, Math.max(...width), width[0]], [24, 2, 1]);
});
