import { type Random, seededRandom } from "../../lib/random.ts";
import { Pool, type Slot, type Traits } from "./pool.ts";
import type { Strategy } from "./strategy.ts";

/** A pool with its owner: does what the balancer does, without health. */
export class OwnedPool {
  readonly pool = new Pool();
  readonly strategy: Strategy;
  readonly context: { session: string | undefined; at: number; random: Random };

  constructor(strategy: Strategy, seed = 1) {
    this.strategy = strategy;
    this.context = { session: undefined, at: 0, random: seededRandom(seed) };
    strategy.attach(this.pool);
  }

  add(id: string, capacity = 1_000_000, traits: Traits = {}): Slot {
    const slot = this.pool.add(id, capacity, traits);
    this.#change(slot, () => (this.pool.usable[slot] = 1));
    return slot;
  }

  addMany(count: number, capacity?: number): this {
    for (let i = 0; i < count; i++) this.add(`agent-${i}`, capacity);
    return this;
  }

  remove(slot: Slot): void {
    this.#change(slot, () => this.pool.remove(slot));
  }

  setUsable(slot: Slot, usable: boolean): void {
    this.#change(slot, () => (this.pool.usable[slot] = Number(usable)));
  }

  /** Picks and reserves. */
  take(session?: string): Slot {
    this.context.session = session;
    const slot = this.strategy.pick(this.context);
    if (slot >= 0) this.#change(slot, () => this.pool.reserve(slot));
    return slot;
  }

  release(slot: Slot): void {
    this.#change(slot, () => this.pool.release(slot));
  }

  /** How often each slot was taken by `picks` requests of as many sessions, each released at once. */
  countTakes(picks: number): number[] {
    const counts = new Array<number>(this.pool.count).fill(0);
    for (let i = 0; i < picks; i++) {
      const slot = this.take(`session-${i}`);
      counts[slot] = (counts[slot] ?? 0) + 1;
      this.release(slot);
    }
    return counts;
  }

  /** Every free slot, found the slow way. */
  get free(): Slot[] {
    return this.pool.ids.flatMap((_, slot) => (this.pool.isFree(slot) ? [slot] : []));
  }

  #change(slot: Slot, change: () => void): void {
    change();
    this.strategy.changed(slot, this.context);
  }
}
