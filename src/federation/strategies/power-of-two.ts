import { FreeSlots } from "./free-slots.ts";
import type { Pool, Slot } from "./pool.ts";
import type { PickContext, Strategy } from "./strategy.ts";

/**
 * The less loaded of two free members drawn at random.
 *
 * Constant time, and no stampede to one member when counts are stale: for what we do not own and others load too.
 * Source: Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing", TPDS 2001. Departure: the two
 * always differ, and load is relative to weight.
 */
export class PowerOfTwoStrategy implements Strategy {
  readonly #free = new FreeSlots();
  readonly #drawn: [Slot, Slot] = [0, 0];
  #pool: Pool | undefined;

  attach(pool: Pool): void {
    this.#pool = pool;
  }

  changed(slot: Slot): void {
    this.#free.set(slot, this.#pool?.isFree(slot) ?? false);
  }

  pick({ random }: PickContext): Slot {
    this.#free.drawTwo(random, this.#drawn);
    const [first, second] = this.#drawn;
    const pool = this.#pool;
    return pool && first !== second && pool.pressure(second) < pool.pressure(first) ? second : first;
  }
}
