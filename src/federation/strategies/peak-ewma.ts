import type { Millis } from "../../lib/clock.ts";
import { inRange, resolveOptions } from "../../lib/options.ts";
import { FreeSlots } from "./free-slots.ts";
import type { Pool, Slot } from "./pool.ts";
import type { PickContext, Sample, Strategy } from "./strategy.ts";

export interface PeakEwmaOptions {
  /** Time in which the memory of a latency fades to 37%, in ms. Default 10,000, from 1 to 1 hour. */
  decayMs: Millis;
}

/**
 * Of two free endpoints drawn at random, the one with less expected wait: `latency · (pending + 1) / weight`.
 *
 * The latency jumps to a higher sample at once and falls by `e^(−Δt/τ)`, so that trouble is believed fast and recovery
 * slowly. Source: Finagle's Peak EWMA. Departures: an untried endpoint counts as the mean of the tried, since one
 * that scored 0 would draw the whole herd; and a failure counts at least twice the present latency, since fast
 * failures would otherwise attract traffic (Prequal's sinkhole, NSDI 2024).
 */
export class PeakEwmaStrategy implements Strategy {
  readonly #options: PeakEwmaOptions;
  readonly #free = new FreeSlots();
  readonly #drawn: [Slot, Slot] = [0, 0];
  #pool: Pool | undefined;
  readonly #latency: (number | undefined)[] = [];
  readonly #seenAt: Millis[] = [];
  readonly #idOf: (string | null)[] = [];
  #sum = 0;
  #tried = 0;

  /** @throws GodelError OPTION_UNKNOWN, OPTION_RANGE. */
  constructor(options: Partial<PeakEwmaOptions> = {}) {
    this.#options = resolveOptions({ decayMs: 10_000 }, options);
    inRange("decayMs", this.#options.decayMs, 1, 3_600_000);
  }

  attach(pool: Pool): void {
    this.#pool = pool;
  }

  changed(slot: Slot): void {
    const pool = this.#pool;
    if (!pool) return;
    const id = pool.ids[slot] ?? null;
    if (this.#idOf[slot] !== id) {
      this.#idOf[slot] = id;
      this.#learn(slot, undefined);
    }
    this.#free.set(slot, pool.isFree(slot));
  }

  pick({ random }: PickContext): Slot {
    this.#free.drawTwo(random, this.#drawn);
    const [first, second] = this.#drawn;
    return first !== second && this.#cost(second) < this.#cost(first) ? second : first;
  }

  observe(slot: Slot, { latencyMs, failed }: Sample, at: Millis): void {
    const known = this.#latency[slot];
    const sample = failed ? Math.max(latencyMs, 2 * (known ?? this.#mean())) : latencyMs;
    const elapsed = Math.max(0, at - (this.#seenAt[slot] ?? at));
    this.#seenAt[slot] = at;
    if (known === undefined || sample >= known) return this.#learn(slot, sample);
    const kept = Math.exp(-elapsed / this.#options.decayMs);
    this.#learn(slot, known * kept + sample * (1 - kept));
  }

  #cost(slot: Slot): number {
    return (this.#latency[slot] ?? this.#mean()) * (this.#pool?.pressure(slot) ?? 1);
  }

  #mean(): number {
    return this.#tried === 0 ? 1 : Math.max(this.#sum / this.#tried, 1e-6);
  }

  #learn(slot: Slot, latency: number | undefined): void {
    const before = this.#latency[slot];
    this.#sum += (latency ?? 0) - (before ?? 0);
    this.#tried += Number(latency !== undefined) - Number(before !== undefined);
    this.#latency[slot] = latency;
  }
}
