import { hash, mix } from "./hash.ts";
import { none, type Slot } from "./pool.ts";

/** Points of each member: shares then differ by about 18% (one standard deviation), which bounded load evens out. */
const pointsEach = 32;
/** A point is its position, 32 bits, times this, plus its slot: exact in a double, and native sort orders it. */
const maxSlots = 2 ** 21;

/**
 * A circle of 2^32 positions on which each member owns the stretches that end at its points.
 *
 * When one of n comes or goes, only its own share moves, 1/n. Source: Karger et al., "Consistent Hashing and Random
 * Trees", STOC 1997. A lookup takes constant time by an index of buckets, about one point to a bucket. Changes are
 * merged together by the next lookup: O(points), some ms for one change at 10,000 members.
 */
export class HashRing {
  #points: Float64Array = new Float64Array(0);
  /** For each bucket of positions the first point in or after it. */
  #starts = new Int32Array(1);
  #shift = 31;
  readonly #added = new Map<Slot, string>();
  readonly #removed = new Set<Slot>();

  add(slot: Slot, id: string): void {
    this.#added.set(slot, id);
  }

  remove(slot: Slot): void {
    // One that was added since the last merge has no points yet, but an earlier owner of its slot may have.
    this.#added.delete(slot);
    this.#removed.add(slot);
  }

  /** The index of the first point at or after `position`, round the end. -1 of an empty ring. */
  find(position: number): number {
    if (this.#added.size > 0 || this.#removed.size > 0) this.#merge();
    const points = this.#points;
    if (points.length === 0) return -1;
    const key = position * maxSlots;
    let index = this.#starts[position >>> this.#shift] ?? 0;
    while (index < points.length && (points[index] ?? 0) < key) index += 1;
    return index % points.length;
  }

  /** The owner of the point `steps` after `index`. */
  slotAt(index: number, steps: number): Slot {
    const point = this.#points[(index + steps) % this.#points.length];
    return point === undefined ? none : point % maxSlots;
  }

  #merge(): void {
    const fresh = new Float64Array(this.#added.size * pointsEach);
    let length = 0;
    for (const [slot, id] of this.#added) {
      const seed = hash(id);
      for (let i = 1; i <= pointsEach; i++) fresh[length++] = mix(seed + Math.imul(i, 0x9e3779b9)) * maxSlots + slot;
    }
    const kept = without(this.#points, this.#removed);
    this.#points = merged(kept, fresh.sort());
    this.#added.clear();
    this.#removed.clear();
    this.#index();
  }

  #index(): void {
    const bits = Math.max(1, Math.min(24, Math.ceil(Math.log2(this.#points.length + 1))));
    this.#shift = 32 - bits;
    this.#starts = new Int32Array(2 ** bits);
    const width = 2 ** this.#shift * maxSlots;
    let index = 0;
    for (let bucket = 0; bucket < this.#starts.length; bucket++) {
      while (index < this.#points.length && (this.#points[index] ?? 0) < bucket * width) index += 1;
      this.#starts[bucket] = index;
    }
  }
}

function without(points: Float64Array, slots: ReadonlySet<Slot>): Float64Array {
  if (slots.size === 0) return points;
  const gone = new Uint8Array(highest(slots) + 1);
  for (const slot of slots) gone[slot] = 1;
  return points.filter((point) => gone[point % maxSlots] !== 1);
}

/** By a loop: as arguments of one call a hundred thousand slots would not fit on the stack. */
function highest(slots: Iterable<Slot>): Slot {
  let most = 0;
  for (const slot of slots) most = Math.max(most, slot);
  return most;
}

/** Both, in order; each is in order already. */
function merged(a: Float64Array, b: Float64Array): Float64Array {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  const all = new Float64Array(a.length + b.length);
  let [i, j] = [0, 0];
  for (let k = 0; k < all.length; k++) {
    const left = a[i] ?? Number.POSITIVE_INFINITY;
    const right = b[j] ?? Number.POSITIVE_INFINITY;
    all[k] = Math.min(left, right);
    if (left <= right) i += 1;
    else j += 1;
  }
  return all;
}
