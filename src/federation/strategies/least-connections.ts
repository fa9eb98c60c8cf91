import { IndexedHeap } from "./indexed-heap.ts";
import type { Pool, Slot } from "./pool.ts";
import type { PickContext, Strategy } from "./strategy.ts";

/**
 * The free member with the fewest reservations for its weight; among equals the one picked longest ago.
 *
 * Exact, O(log n): an indexed heap costs about what sampling costs, so there is no need to sample what we own. The
 * tie by age keeps a quiet pool from giving everything to one. Source: the weights are Envoy's least-request,
 * `weight / (active + 1)`, with a bias of 1; departure: exact where Envoy draws two.
 */
export class LeastConnectionsStrategy implements Strategy {
  readonly #heap = new IndexedHeap();
  #pool: Pool | undefined;
  #picks = 0;
  /** The number of its last pick; of one never picked a draw from (−1, 0], so that newcomers come first in mixed order. */
  readonly #pickedAt: number[] = [];
  readonly #idOf: (string | null)[] = [];

  attach(pool: Pool): void {
    this.#pool = pool;
  }

  changed(slot: Slot, { random }: PickContext): void {
    const pool = this.#pool;
    if (!pool) return;
    const id = pool.ids[slot] ?? null;
    if (this.#idOf[slot] !== id) {
      this.#idOf[slot] = id;
      this.#pickedAt[slot] = -random.next();
    }
    if (pool.isFree(slot)) this.#heap.set(slot, pool.pressure(slot), this.#pickedAt[slot]);
    else this.#heap.remove(slot);
  }

  pick(): Slot {
    const slot = this.#heap.least();
    // The heap learns of it when the owner reserves, by `changed`.
    if (slot >= 0) this.#pickedAt[slot] = ++this.#picks;
    return slot;
  }
}
