import { Pool, type Slot } from "../../src/federation/strategies/pool.ts";
import type { PickContext, Strategy } from "../../src/federation/strategies/strategy.ts";
import { seededRandom } from "../../src/lib/random.ts";

/** Sessions that requests come from, as strings that exist already: making one is not part of a decision. */
export const sessions = Array.from({ length: 1_024 }, (_, i) => `session-${i}`);

const capacity = 4;

/** A pool of `count` agents of four places each, half of them taken, as a strategy sees it. */
export class BenchFleet {
  readonly pool = new Pool();
  readonly strategy: Strategy;
  readonly context: PickContext;
  #request = 0;

  constructor(strategy: Strategy, count: number, seed: number) {
    this.strategy = strategy;
    this.context = { session: undefined, at: 0, random: seededRandom(seed) };
    strategy.attach(this.pool);
    for (let i = 0; i < count; i++) {
      const slot = this.pool.add(`agent-${i}`, capacity, { costUsd: 0.1 + (i % 7), speed: 1 + (i % 3) });
      this.pool.usable[slot] = 1;
      strategy.changed(slot, this.context);
      strategy.observe?.(slot, { latencyMs: 10 + (i % 10), failed: false }, 0);
    }
    for (let i = 0; i < (count * capacity) / 2; i++) this.take();
  }

  take(): Slot {
    const slot = this.pick();
    this.pool.reserve(slot);
    this.strategy.changed(slot, this.context);
    return slot;
  }

  pick(): Slot {
    this.context.session = sessions[this.#request++ & 1_023];
    return this.strategy.pick(this.context);
  }

  /** One decision: pick, reserve, and later release. */
  takeAndRelease(): void {
    const slot = this.take();
    this.pool.release(slot);
    this.strategy.changed(slot, this.context);
  }
}
