import type { Slot } from "../strategies/pool.ts";

/** Changes that are kept; who comes later than that looks at all slots anew. A power of two. */
const kept = 4_096;

/**
 * The slots that changed, in order, for readers that each go on where they left off.
 *
 * To tell of a change is O(1), however many readers there are; who never asks never pays.
 */
export class ChangeLog {
  readonly #slots = new Int32Array(kept);
  #end = 0;

  /** How many changes there were: where a reader that has seen all goes on. */
  get end(): number {
    return this.#end;
  }

  add(slot: Slot): void {
    this.#slots[this.#end++ & (kept - 1)] = slot;
  }

  /** Whether all changes from `from` on are still there. */
  has(from: number): boolean {
    return this.#end - from <= kept;
  }

  at(index: number): Slot {
    return this.#slots[index & (kept - 1)] ?? 0;
  }
}
