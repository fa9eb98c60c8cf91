import { copied, none, type Slot } from "./pool.ts";

/**
 * A binary min-heap of slots by key, then by tie, that knows where each slot stands.
 *
 * O(log n) to set or remove, O(1) to look at the least. Source: Sedgewick and Wayne, "Algorithms", 4th ed., 2.4
 * (index priority queue). Departure: keys stand in heap order and not in slot order, so that a step down reads two
 * neighbours instead of two far places.
 */
export class IndexedHeap {
  #length = 0;
  #heap = new Int32Array(16);
  /** Key and tie of each place in the heap, side by side. */
  #keys = new Float64Array(32);
  /** Where a slot stands in the heap, plus one; 0 for one that is not in it. */
  #place = new Int32Array(16);

  get length(): number {
    return this.#length;
  }

  /** The slot with the least key, or `none`. */
  least(): Slot {
    return this.#length === 0 ? none : (this.#heap[0] ?? none);
  }

  /** The least key; Infinity of an empty heap. */
  leastKey(): number {
    return this.#length === 0 ? Number.POSITIVE_INFINITY : (this.#keys[0] ?? 0);
  }

  has(slot: Slot): boolean {
    return (this.#place[slot] ?? 0) > 0;
  }

  /** Puts `slot` in, or moves it. */
  set(slot: Slot, key: number, tie = 0): void {
    while (slot >= this.#place.length) this.#grow();
    let place = (this.#place[slot] ?? 0) - 1;
    if (place < 0) place = this.#length++;
    this.#settle(place, slot, key, tie);
  }

  /** Takes `slot` out; nothing happens if it is not in. */
  remove(slot: Slot): void {
    const place = (this.#place[slot] ?? 0) - 1;
    if (place < 0) return;
    this.#place[slot] = 0;
    this.#length -= 1;
    const last = this.#length;
    if (place !== last) {
      this.#settle(place, this.#heap[last] ?? 0, this.#keys[2 * last] ?? 0, this.#keys[2 * last + 1] ?? 0);
    }
  }

  /** Finds the place of an entry that may stand at `from` as far as the order elsewhere goes: up first, then down. */
  #settle(from: number, slot: Slot, key: number, tie: number): void {
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!this.#isAfter(parent, key, tie)) break;
      this.#copy(parent, place);
      place = parent;
    }
    for (let child = 2 * place + 1; place >= from && child < this.#length; child = 2 * place + 1) {
      if (child + 1 < this.#length) child += this.#rightIsLess(child);
      if (!this.#isBefore(child, key, tie)) break;
      this.#copy(child, place);
      place = child;
    }
    this.#put(place, slot, key, tie);
  }

  /** 1 if the neighbour after `left` comes before it, or else 0. Without branches: which it is can't be predicted. */
  #rightIsLess(left: number): number {
    const i = 2 * left;
    const leftKey = this.#keys[i] ?? 0;
    const rightKey = this.#keys[i + 2] ?? 0;
    const isTied = Number(leftKey === rightKey) & Number((this.#keys[i + 1] ?? 0) > (this.#keys[i + 3] ?? 0));
    return Number(leftKey > rightKey) | isTied;
  }

  #isAfter(place: number, key: number, tie: number): boolean {
    const own = this.#keys[2 * place] ?? 0;
    return own > key || (own === key && (this.#keys[2 * place + 1] ?? 0) > tie);
  }

  #isBefore(place: number, key: number, tie: number): boolean {
    const own = this.#keys[2 * place] ?? 0;
    return own < key || (own === key && (this.#keys[2 * place + 1] ?? 0) < tie);
  }

  #copy(from: number, to: number): void {
    this.#put(to, this.#heap[from] ?? 0, this.#keys[2 * from] ?? 0, this.#keys[2 * from + 1] ?? 0);
  }

  #put(place: number, slot: Slot, key: number, tie: number): void {
    this.#heap[place] = slot;
    this.#keys[2 * place] = key;
    this.#keys[2 * place + 1] = tie;
    this.#place[slot] = place + 1;
  }

  #grow(): void {
    const length = this.#place.length * 2;
    this.#heap = copied(this.#heap, new Int32Array(length));
    this.#keys = copied(this.#keys, new Float64Array(2 * length));
    this.#place = copied(this.#place, new Int32Array(length));
  }
}
