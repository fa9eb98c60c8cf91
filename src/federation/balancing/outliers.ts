import type { Millis } from "../../lib/clock.ts";
import { inRange, resolveOptions } from "../../lib/options.ts";

export interface OutlierOptions {
  /** Off with false: nobody is ejected. Default true. */
  enabled: boolean;
  /** How unlikely, from 0 to 0.5, so bad a record must be for one as good as its peers. Default 0.001: three failures and no success where peers hardly fail, four where they manage nine in ten. */
  significance: number;
  /** Others that must have a record before anyone is compared. Default 4, from 1 to 1,000. */
  minPeers: number;
  /** Outcomes before one is judged. Default 3, from 1 to 32. */
  minOutcomes: number;
  /** Largest share of the members that may be out at once, though always one. Default 0.1, from 0 to 1. */
  maxEjected: number;
  /** The first ejection, in ms; the mean time of a task where that is longer. Times the number of ejections, at most tenfold. Default 30,000. */
  ejectMs: Millis;
}

export const outlierDefaults: OutlierOptions = {
  enabled: true,
  significance: 0.001,
  minPeers: 4,
  minOutcomes: 3,
  maxEjected: 0.1,
  ejectMs: 30_000,
};

export function outlierOptions(given: Partial<OutlierOptions> = {}): OutlierOptions {
  const options = resolveOptions(outlierDefaults, given);
  inRange("significance", options.significance, 0, 0.5);
  inRange("minPeers", options.minPeers, 1, 1_000);
  inRange("minOutcomes", options.minOutcomes, 1, OutcomeWindow.length);
  inRange("maxEjected", options.maxEjected, 0, 1);
  inRange("ejectMs", options.ejectMs, 1, 86_400_000);
  return options;
}

/** The last 32 outcomes of one member, as bits. */
export class OutcomeWindow {
  static readonly length = 32;

  /** As it was when `toJSON` was called. */
  static restore({ count, bits }: { count: number; bits: number }): OutcomeWindow {
    const window = new OutcomeWindow();
    window.count = count;
    window.#bits = bits;
    return window;
  }

  count = 0;
  #bits = 0;

  get successes(): number {
    let bits = this.#bits;
    let ones = 0;
    for (; bits !== 0; bits &= bits - 1) ones += 1;
    return ones;
  }

  add(succeeded: boolean): void {
    this.#bits = (this.#bits << 1) | Number(succeeded);
    this.count = Math.min(OutcomeWindow.length, this.count + 1);
  }

  toJSON(): { count: number; bits: number } {
    return { count: this.count, bits: this.#bits };
  }

  clear(): void {
    this.count = 0;
    this.#bits = 0;
  }
}

/**
 * Those whose record is too bad to be bad luck, worst first.
 *
 * Each is held against the pooled rate of all others by the exact binomial tail. Source: the success-rate ejection of
 * Envoy and gRPC A50, whose gates (100 calls a sweep, mean − 1.9σ) never open where a task takes an hour; an
 * exact test needs no volume. What is hard for everyone ejects nobody.
 */
export function findOutliers<T extends { outcomes: OutcomeWindow }>(
  members: readonly T[],
  options: OutlierOptions,
): T[] {
  const seen = members.filter(({ outcomes }) => outcomes.count > 0);
  const total = { successes: 0, count: 0 };
  for (const { outcomes } of seen) {
    total.successes += outcomes.successes;
    total.count += outcomes.count;
  }
  if (seen.length - 1 < options.minPeers) return [];
  const judged = seen.filter(({ outcomes }) => outcomes.count >= options.minOutcomes);
  return judged
    .map((member) => ({ member, chance: chanceOf(member.outcomes, total) }))
    .filter(({ chance }) => chance <= options.significance)
    .sort((a, b) => a.chance - b.chance)
    .map(({ member }) => member);
}

/** How many more of `members` may be out at once, where `out` are. */
export function roomToEject(members: number, out: number, { maxEjected }: OutlierOptions): number {
  return Math.max(0, Math.max(1, Math.floor(members * maxEjected)) - out);
}

/** How long the `ejections`-th ejection in a row lasts, in ms, where a piece of work takes `meanMs`. */
export function ejectionMs(ejections: number, meanMs: Millis, { ejectMs }: OutlierOptions): Millis {
  return Math.max(ejectMs, meanMs) * Math.min(10, ejections);
}

/** How likely so few successes or fewer are at the rate of the others. Their rate is smoothed, so that it is never 1. */
function chanceOf(own: OutcomeWindow, total: { successes: number; count: number }): number {
  const successes = own.successes;
  const rate = (total.successes - successes + 1) / (total.count - own.count + 2);
  return binomialTail(successes, own.count, rate);
}

/** P(X ≤ k) for X successes of n at `rate`, which lies strictly between 0 and 1. */
function binomialTail(k: number, n: number, rate: number): number {
  let term = (1 - rate) ** n;
  let sum = term;
  for (let i = 1; i <= k; i++) {
    term *= ((n - i + 1) / i) * (rate / (1 - rate));
    sum += term;
  }
  return sum;
}
