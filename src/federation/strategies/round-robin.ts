import { copied, none, type Pool, type Slot } from "./pool.ts";
import type { PickContext, Strategy } from "./strategy.ts";

/**
 * Each free member in turn, in the order of their slots.
 *
 * One in slow start is passed over by chance, in proportion to the weight that it lacks. Weights above 1 count as 1:
 * use `WeightedStrategy` for shares. O(n/32) at worst, when almost all are busy. Blind to load: with tasks of unequal
 * length waits grow a thousandfold over those of one queue, so prefer least-connections (facts: control-plane).
 */
export class RoundRobinStrategy implements Strategy {
  #pool: Pool | undefined;
  #free = new Uint32Array(4);
  #next: Slot = 0;

  attach(pool: Pool): void {
    this.#pool = pool;
  }

  changed(slot: Slot): void {
    const word = slot >>> 5;
    while (word >= this.#free.length) this.#free = copied(this.#free, new Uint32Array(this.#free.length * 2));
    const bit = 1 << (slot & 31);
    const bits = this.#free[word] ?? 0;
    this.#free[word] = this.#pool?.isFree(slot) ? bits | bit : bits & ~bit;
  }

  pick({ random }: PickContext): Slot {
    const first = this.#from(this.#next);
    let slot = first;
    while (slot !== none) {
      const weight = this.#pool?.weight[slot] ?? 1;
      if (weight >= 1 || random.next() < weight) break;
      slot = this.#from(slot + 1);
      // A whole round of unlucky draws: somebody must take it.
      if (slot === first) break;
    }
    if (slot !== none) this.#next = slot + 1;
    return slot;
  }

  /** The first free slot at or after `start`, round the end. */
  #from(start: Slot): Slot {
    const words = this.#free.length;
    const begin = (start >>> 5) % words;
    // The first word is met twice: from `start` on, and at last for what lies before it.
    for (let i = 0; i <= words; i++) {
      const word = (begin + i) % words;
      let bits = this.#free[word] ?? 0;
      if (i === 0 && start < words * 32) bits &= -1 << (start & 31);
      if (bits !== 0) return word * 32 + (31 - Math.clz32(bits & -bits));
    }
    return none;
  }
}
