import type { Millis } from "../../lib/clock.ts";
import type { Random } from "../../lib/random.ts";
import type { Pool, Slot } from "./pool.ts";

/** What a pick may use besides the pool: time, chance, and whose request it is. */
export interface PickContext {
  /** Requests of one session should meet the same agent; undefined for a request of none. */
  session: string | undefined;
  at: Millis;
  random: Random;
}

/** What one use of an agent or endpoint taught. */
export interface Sample {
  /** Time per unit of work, in ms (per token, per request of equal size), or it measures the size of the work. */
  latencyMs: Millis;
  /** Failed by the member's own fault. */
  failed: boolean;
}

/**
 * Ranks the free members of a pool. It never reserves: whoever owns the pool counts, and says what changed.
 *
 * Contract, which `contract.ts` checks of every strategy: it picks only free members, and some member while one is
 * free; the same calls with the same seed pick the same; picks among equals spread over all of them.
 * One instance serves one pool.
 */
export interface Strategy {
  /** Takes on `pool`, which must still be empty. Called once, first. */
  attach(pool: Pool): void;
  /** `slot` was added, removed, or its load, weight or usability changed. Called after every such change. */
  changed(slot: Slot, context: PickContext): void;
  /** A free slot, or `none`. */
  pick(context: PickContext): Slot;
  /** Only where there is work that can wait until nobody waits for a pick; soon after members came or went. */
  tend?(): void;
  /** Only where a strategy learns from outcomes. */
  observe?(slot: Slot, sample: Sample, at: Millis): void;
}
