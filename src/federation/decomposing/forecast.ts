/** How long a plan will take and what it will cost, from how tasks went before. */
import type { Forecast, Plan, Range } from "../../model/plan.ts";
import { DependencyResolver } from "../dependency-resolver.ts";
import type { Schedule } from "../resolving/execution-plan.ts";

/** A task that is done: what it took, beside the weight that its plan gave it. */
export interface Experience {
  weight: number;
  /** From its first lease to its merge, in ms. */
  ms: number;
  usd: number;
}

/** Tasks that an estimate is made from, the newest; older ones say less of how things go now. */
export const maxExperience = 200;
/** Six in ten of past tasks lay between these shares. */
const [low, high] = [0.2, 0.8];
/** Points in time at which the width is given. */
const samples = 24;

/** `experience` is of the same model, the newest first; `with` names it. */
export function forecastOf(
  plan: Plan,
  parallelism: number,
  experience: readonly Experience[],
  model: string,
): Forecast {
  const resolved = new DependencyResolver().resolve(plan.tasks);
  const { work } = resolved;
  const schedule = resolved.schedule(parallelism);
  const { makespan } = schedule;
  const known = experience.slice(0, maxExperience);
  return {
    parallelism,
    criticalPath: [...resolved.criticalPath],
    work,
    makespan,
    width: widthOver(plan, schedule),
    makespanMs: scaled(
      makespan,
      known.map(({ ms, weight }) => ms / weight),
    ),
    costUsd: scaled(
      work,
      known.map(({ usd, weight }) => usd / weight),
    ),
    basis:
      known.length === 0
        ? `no task was done with ${model || "this runtime"} yet`
        : `the last ${known.length} tasks done with ${model || "this runtime"}`,
  };
}

function scaled(units: number, perUnit: readonly number[]): Range | null {
  if (perUnit.length === 0) return null;
  const sorted = perUnit.toSorted((a, b) => a - b);
  const at = (share: number) => units * (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  return { low: at(low), high: at(high) };
}

/** Tasks at work at equal distances in time. */
function widthOver({ tasks }: Plan, { startOf, makespan }: Schedule): number[] {
  const changes = tasks.flatMap(({ id, weight }) => {
    const start = startOf(id);
    return [
      [start, 1],
      [start + weight, -1],
    ] as const;
  });
  changes.sort(([a, x], [b, y]) => a - b || x - y);
  let next = 0;
  let wide = 0;
  return Array.from({ length: samples }, (_, i) => {
    const time = (makespan * (i + 0.5)) / samples;
    for (let change = changes[next]; change && change[0] <= time; change = changes[++next]) wide += change[1];
    return wide;
  });
}
