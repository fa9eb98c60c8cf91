import type { Random } from "../../lib/random.ts";
import { copied, none, type Slot } from "./pool.ts";

/** The free slots without gaps, in no order, so that one can be drawn in constant time. */
export class FreeSlots {
  #length = 0;
  #slots = new Int32Array(16);
  /** Where a slot stands, plus one; 0 for one that is not free. */
  #place = new Int32Array(16);

  get length(): number {
    return this.#length;
  }

  at(index: number): Slot {
    return index < this.#length ? (this.#slots[index] ?? none) : none;
  }

  draw(random: Random): Slot {
    return this.at(Math.floor(random.next() * this.#length));
  }

  /** Two different ones by chance where there are two; `[x, x]` of one; `none` twice of none. */
  drawTwo(random: Random, into: [Slot, Slot]): void {
    if (this.#length < 2) {
      into[0] = into[1] = this.at(0);
      return;
    }
    const first = Math.floor(random.next() * this.#length);
    const step = 1 + Math.floor(random.next() * (this.#length - 1));
    into[0] = this.at(first);
    into[1] = this.at((first + step) % this.#length);
  }

  set(slot: Slot, free: boolean): void {
    while (slot >= this.#place.length) this.#grow();
    const place = (this.#place[slot] ?? 0) - 1;
    if (place >= 0 === free) return;
    if (free) {
      this.#slots[this.#length++] = slot;
      this.#place[slot] = this.#length;
      return;
    }
    this.#length -= 1;
    const last = this.#slots[this.#length] ?? 0;
    this.#slots[place] = last;
    this.#place[last] = place + 1;
    this.#place[slot] = 0;
  }

  #grow(): void {
    const length = this.#place.length * 2;
    this.#slots = copied(this.#slots, new Int32Array(length));
    this.#place = copied(this.#place, new Int32Array(length));
  }
}
