import type { Millis } from "../../lib/clock.ts";
import { inRange, resolveOptions } from "../../lib/options.ts";

export interface SelectorOptions {
  /** How much it counts that an agent is good at the skills asked for, and has few others that it is kept free for. Default 0.2, from 0 to 1,000; only the proportions of the weights matter. */
  skillWeight: number;
  /** How much it counts that it has room left. Default 0.15. */
  loadWeight: number;
  /** How much it counts that the task is expected to cost little by it. Default 0.2; a request that prefers low cost triples it, one that prefers high quality drops it. */
  costWeight: number;
  /** How much it counts that it is quick. Default 0.15. */
  speedWeight: number;
  /** How much it counts that it brings tasks to a good end. Default 0.3. */
  reliabilityWeight: number;
  /** How much it counts that it had the session before. Default 0.5: its context is worth more than small differences. */
  sessionWeight: number;
  /** How much it counts that it works, or worked last, in the same folders. Default 0.1. */
  filesWeight: number;
  /** Share of the agents that are cold by what they have in flight; the others, hot, come after all cold ones. Default 0.84, from 0 to 1. */
  coldQuantile: number;
  /** Time after which an outcome counts half, in ms. Default 1 day, from a minute to 10 years: models and prompts change. */
  halfLifeMs: Millis;
}

export const selectorDefaults: SelectorOptions = {
  skillWeight: 0.2,
  loadWeight: 0.15,
  costWeight: 0.2,
  speedWeight: 0.15,
  reliabilityWeight: 0.3,
  sessionWeight: 0.5,
  filesWeight: 0.1,
  coldQuantile: 0.84,
  halfLifeMs: 86_400_000,
};

/** @throws GodelError OPTION_UNKNOWN, OPTION_RANGE */
export function selectorOptions(given: Partial<SelectorOptions> = {}): SelectorOptions {
  const options = resolveOptions(selectorDefaults, given);
  const { coldQuantile, halfLifeMs, ...weights } = options;
  for (const [name, weight] of Object.entries(weights)) inRange(name, weight, 0, 1_000);
  inRange("the sum of weights", sumOf(Object.values(weights)), Number.MIN_VALUE, 7_000);
  inRange("coldQuantile", coldQuantile, 0, 1);
  inRange("halfLifeMs", halfLifeMs, 60_000, 315_360_000_000);
  return options;
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
