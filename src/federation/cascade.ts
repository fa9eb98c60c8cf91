/**
 * Which tier of models tries a task next: the cheapest way to get it done that leaves the best tier for the end.
 *
 * Each tier has a cost a try and, by skill, a chance to pass its gates that is learnt from outcomes. A task that cheaper
 * tiers have failed is harder than most, so chances at the first try and after a failure are learnt apart. The next tier
 * is the one with the least expected cost: `cost + (1 - chance) * cost of what follows`, where the last is always tried.
 * What is preferred weighs the cost of the try itself: three times for `low`, so that a cheap tier is tried at lower chances,
 * and not at all for `high`, which leaves the tier that nothing need follow: the last.
 *
 * Chances are drawn, not taken at their mean (Thompson sampling): a tier of which little is known is tried now and then,
 * and one that is known to be bad is not. Source: Thompson, "On the Likelihood that One Unknown Probability Exceeds
 * Another", Biometrika 1933; Chapelle and Li, NIPS 2011. Departure: outcomes lose half their weight every `halfLifeMs`, for
 * models change.
 */
import { assert, present } from "../lib/assert.ts";
import type { Millis } from "../lib/clock.ts";
import type { Random } from "../lib/random.ts";
import { costFactors, type PreferredCost, usualCost } from "../model/preferred-cost.ts";
import type { Tier } from "../model/tiers.ts";
import { beta } from "./beta.ts";

/** Outcomes of one tier with one skill, weighed by age as of `at`. */
export interface Outcomes {
  passed: number;
  failed: number;
  at: Millis;
}

/** By `recordKey`. JSON, so that it may be journaled. */
export type Records = { [key: string]: Outcomes };

export interface CascadeOptions {
  /** Time after which an outcome counts half, in ms. Default 7 days, from a minute to 10 years. */
  halfLifeMs: Millis;
}
export const cascadeDefaults: CascadeOptions = { halfLifeMs: 7 * 86_400_000 };

export interface Choice {
  /** Index of the tier. */
  tier: number;
  /** The chance that was drawn for it. */
  chance: number;
  /** What the task is expected to cost from here on, in USD. */
  expectedUsd: number;
}

export interface CascadeRequest {
  /** Cheapest first. */
  tiers: readonly Tier[];
  skill: string;
  /** Indexes of tiers that have failed it. */
  failed: readonly number[];
  /** What the task may still spend, in USD; infinite without a budget. */
  leftUsd: number;
  /** Default `medium`. */
  preferredCost?: PreferredCost;
}

export interface CascadeContext {
  at: Millis;
  random: Random;
  records: Records;
  options?: CascadeOptions;
}

/**
 * The tier for the next try. Above all that have failed; the last again when that failed too. What costs more than is left
 * is not chosen while something else is there. O(tiers²).
 */
export function chooseTier(request: CascadeRequest, context: CascadeContext): Choice {
  const { tiers, skill, failed, leftUsd, preferredCost = usualCost } = request;
  assert(tiers.length > 0, "a cascade needs a tier");
  const first = Math.min(tiers.length - 1, Math.max(-1, ...failed) + 1);
  const above = tiers.map((_, index) => index).slice(first);
  const affordable = above.filter((index) => present(tiers[index], "tier").costUsd <= leftUsd);
  const open = affordable.length > 0 ? affordable : above.slice(0, 1);
  const factor = costFactors[preferredCost];
  let best: (Choice & { weighed: number }) | undefined;
  const followUsd: number[] = [];
  // From the last to the first: what follows a tier is known before it.
  for (const index of open.toReversed()) {
    const { name, costUsd } = present(tiers[index], "tier");
    const again = followUsd.length === 0 ? 0 : Math.min(...followUsd);
    const later = drawn(name, skill, true, context);
    const now = failed.length > 0 ? later : drawn(name, skill, false, context);
    const laterUsd = (1 - now) * again;
    const weighed = factor * costUsd + laterUsd;
    if (!best || weighed < best.weighed) best = { tier: index, chance: now, expectedUsd: costUsd + laterUsd, weighed };
    followUsd.push(costUsd + (1 - later) * again);
  }
  const { tier, chance, expectedUsd } = present(best, "a tier");
  return { tier, chance, expectedUsd };
}

/** `records` with one outcome more. Pure. */
export function recorded(
  records: Records,
  outcome: { tier: string; skill: string; retried: boolean; passed: boolean },
  { at, options = cascadeDefaults }: { at: Millis; options?: CascadeOptions },
): Records {
  const key = recordKey(outcome.tier, outcome.skill, outcome.retried);
  const { passed, failed } = agedOutcomes(records[key], at, options);
  const add = outcome.passed ? { passed: passed + 1, failed } : { passed, failed: failed + 1 };
  return { ...records, [key]: { ...add, at } };
}

/** `retried`: after another tier had failed the task. */
export function recordKey(tier: string, skill: string, retried: boolean): string {
  return `${tier} ${skill} ${retried ? "retried" : "first"}`;
}

/** The mean of what is known: half, where nothing is. */
export function meanChance(
  record: Outcomes | undefined,
  at: Millis,
  options: CascadeOptions = cascadeDefaults,
): number {
  const { passed, failed } = agedOutcomes(record, at, options);
  return (passed + 1) / (passed + failed + 2);
}

function drawn(tier: string, skill: string, retried: boolean, context: CascadeContext): number {
  const { records, random, at, options = cascadeDefaults } = context;
  const { passed, failed } = agedOutcomes(records[recordKey(tier, skill, retried)], at, options);
  return beta(random, passed + 1, failed + 1);
}

/** As many outcomes as still count. */
export function agedOutcomes(
  record: Outcomes | undefined,
  at: Millis,
  { halfLifeMs }: CascadeOptions = cascadeDefaults,
): { passed: number; failed: number } {
  if (!record) return { passed: 0, failed: 0 };
  const weight = 0.5 ** (Math.max(0, at - record.at) / halfLifeMs);
  return { passed: record.passed * weight, failed: record.failed * weight };
}
