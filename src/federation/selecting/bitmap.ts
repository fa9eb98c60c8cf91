import { copied, type Slot } from "../strategies/pool.ts";

/** A set of slots, one bit each. */
export class Bitmap {
  #words = new Uint32Array(8);

  has(slot: Slot): boolean {
    return (((this.#words[slot >>> 5] ?? 0) >>> (slot & 31)) & 1) === 1;
  }

  set(slot: Slot, on: boolean): void {
    const at = slot >>> 5;
    while (at >= this.#words.length) this.#words = copied(this.#words, new Uint32Array(2 * this.#words.length));
    const bit = 1 << (slot & 31);
    const word = this.#words[at] ?? 0;
    this.#words[at] = on ? word | bit : word & ~bit;
  }

  /** A set of its own with the same slots. */
  copy(): Bitmap {
    const to = new Bitmap();
    to.#words = this.#words.slice();
    return to;
  }

  /** Keeps what is in `other` too, and returns how many slots were dropped. O(words). */
  intersect(other: Bitmap | undefined): number {
    const others = other ? other.#words : [];
    let dropped = 0;
    for (let at = 0; at < this.#words.length; at++) {
      const word = this.#words[at] ?? 0;
      const kept = word & (others[at] ?? 0);
      if (kept === word) continue;
      dropped += ones(word ^ kept);
      this.#words[at] = kept;
    }
    return dropped;
  }

  /** Each slot in it, lowest first. */
  each(visit: (slot: Slot) => void): void {
    for (let at = 0; at < this.#words.length; at++) {
      for (let word = this.#words[at] ?? 0; word !== 0; word &= word - 1) {
        visit((at << 5) + 31 - Math.clz32(word & -word));
      }
    }
  }
}

/** Source: Warren, "Hacker's Delight", 2nd ed., 5-1. */
function ones(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
