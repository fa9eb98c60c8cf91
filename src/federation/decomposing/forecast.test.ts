import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "../../lib/properties.testing.ts";
import { checkPlan, type Plan } from "../../model/plan.ts";
import { listSchedule } from "../list-schedule.ts";
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

test("a schedule keeps every need and every agent's hands to one task, and lasts at most 2 - 1/m times the bound", () => {
  const graph = fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.array(fc.nat(29), { maxLength: 3 })), {
    minLength: 1,
    maxLength: 30,
  });
  fc.assert(
    fc.property(graph, fc.integer({ min: 1, max: 6 }), (rows, agents) => {
      const tasks = rows.map(([weight, picks], i) => ({
        id: `t${i}`,
        weight,
        needs: [...new Set(picks.filter((need) => need < i))].map((need) => `t${need}`),
      }));
      const { makespan, starts } = listSchedule(tasks, agents);
      const endOf = (id: string) => (starts.get(id) ?? 0) + (tasks.find((task) => task.id === id)?.weight ?? 0);
      for (const { id, needs } of tasks) for (const need of needs) ok(endOf(need) <= (starts.get(id) ?? 0));
      for (const { id } of tasks) {
        const at = starts.get(id) ?? 0;
        ok(tasks.filter((task) => (starts.get(task.id) ?? 0) <= at && at < endOf(task.id)).length <= agents);
      }
      const work = tasks.reduce((sum, { weight }) => sum + weight, 0);
      const bound = Math.max(work / agents, longestPath(tasks));
      ok(makespan <= bound * (2 - 1 / agents) + 1e-9, `${makespan} of ${bound}`);
    }),
  );
});

function longestPath(tasks: readonly { id: string; weight: number; needs: string[] }[]): number {
  const ends = new Map<string, number>();
  for (const { id, weight, needs } of tasks)
    ends.set(id, weight + Math.max(0, ...needs.map((need) => ends.get(need) ?? 0)));
  return Math.max(...ends.values());
}
