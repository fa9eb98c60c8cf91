import { inRange, resolveOptions } from "../../lib/options.ts";
import { clamp, costScale, logScale, speedScale } from "../scales.ts";
import { IndexedHeap } from "./indexed-heap.ts";
import type { Pool, Slot, Traits } from "./pool.ts";
import type { PickContext, Strategy } from "./strategy.ts";

export interface Weights {
  /** How much each counts, from 0 to 1,000; only their proportions matter. Default 0.4, 0.3, 0.3. */
  speed: number;
  cost: number;
  reliability: number;
}

export interface WeightedOptions {
  weights: Partial<Weights>;
}

const defaultWeights: Weights = { speed: 0.4, cost: 0.3, reliability: 0.3 };

/** Nobody's share of an equal one falls under this: what is never tried can never be seen to improve. */
const floor = 0.02;

/**
 * Shares of the work in proportion to a score of speed, cost and reliability, spread evenly in time.
 *
 * A member of share w is due every 1/w of virtual time; the earliest due is picked: O(log n). Source: the sequence is as
 * smooth as nginx's smooth weighted round robin, whose step is O(n); the method is earliest deadline first as in Envoy's
 * weighted scheduler. Departures: first deadlines are drawn by chance, so that equal fleets do not start
 * in step, and one that comes back is not owed what it missed.
 */
export class WeightedStrategy implements Strategy {
  readonly #weights: Weights;
  readonly #heap = new IndexedHeap();
  #pool: Pool | undefined;
  /** Virtual time: the deadline of the last pick. */
  #now = 0;
  readonly #due: number[] = [];
  readonly #share: number[] = [];
  /** The score of each slot and the traits that it was worked out from: it takes logarithms, and most changes are of load. */
  readonly #scores: { traits: Traits; score: number }[] = [];
  readonly #idOf: (string | null)[] = [];

  /** @throws GodelError OPTION_UNKNOWN, OPTION_RANGE. */
  constructor(options: Partial<WeightedOptions> = {}) {
    const { weights } = resolveOptions<WeightedOptions>({ weights: {} }, options);
    this.#weights = resolveOptions(defaultWeights, weights);
    for (const [name, value] of Object.entries(this.#weights)) inRange(`weights.${name}`, value, 0, 1_000);
    const { speed, cost, reliability } = this.#weights;
    inRange("the sum of weights", speed + cost + reliability, Number.MIN_VALUE, 3_000);
  }

  attach(pool: Pool): void {
    this.#pool = pool;
  }

  changed(slot: Slot, { random }: PickContext): void {
    const pool = this.#pool;
    if (!pool) return;
    const id = pool.ids[slot] ?? null;
    if (id === null) {
      this.#idOf[slot] = null;
      return this.#heap.remove(slot);
    }
    const before = this.#share[slot] ?? 1;
    const share = this.#scoreOf(slot, pool.traits[slot] ?? {}) * (pool.weight[slot] ?? 1);
    this.#share[slot] = share;
    if (this.#idOf[slot] !== id) {
      this.#idOf[slot] = id;
      this.#due[slot] = this.#now + random.next() / share;
    } else if (share !== before) {
      this.#due[slot] = this.#now + (this.#dueOf(slot) * before) / share;
    }
    this.#place(slot, pool);
  }

  pick(): Slot {
    const slot = this.#heap.least();
    if (slot < 0) return slot;
    this.#now = Math.max(this.#now, this.#due[slot] ?? 0);
    this.#due[slot] = this.#now + 1 / (this.#share[slot] ?? 1);
    return slot;
  }

  /** The worth of `traits`, from `floor` to 1. */
  score({ costUsd, speed, reliability }: Traits): number {
    const weights = this.#weights;
    const sum =
      weights.cost * logScale(costUsd, costScale) +
      weights.speed * logScale(speed, speedScale) +
      weights.reliability * clamp(reliability ?? 0.5);
    return Math.max(floor, sum / (weights.cost + weights.speed + weights.reliability));
  }

  #scoreOf(slot: Slot, traits: Traits): number {
    const known = this.#scores[slot];
    if (known?.traits === traits) return known.score;
    const score = this.score(traits);
    this.#scores[slot] = { traits, score };
    return score;
  }

  /** Virtual time until it is due, and 0 for one that is overdue. */
  #dueOf(slot: Slot): number {
    return Math.max(0, (this.#due[slot] ?? 0) - this.#now);
  }

  #place(slot: Slot, pool: Pool): void {
    if (!pool.isFree(slot)) return this.#heap.remove(slot);
    if (!this.#heap.has(slot)) this.#due[slot] = this.#now + this.#dueOf(slot);
    this.#heap.set(slot, this.#due[slot] ?? 0);
  }
}
