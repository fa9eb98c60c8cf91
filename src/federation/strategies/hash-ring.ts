import { hash, mix } from "./hash.ts";
import { none, type Slot } from "./pool.ts";

/** Points of each member: shares then differ by about 18% (one standard deviation), which bounded load evens out. */
const pointsEach = 32;
/** A point is its position, 32 bits, times this, plus its slot: exact in a double, and native sort orders it. */
const maxSlots = 2 ** 21;

/** A turn round the circle, in the unit of points. */
const turn = 2 ** 32 * maxSlots;

/**
 * A circle of 2^32 positions on which each member owns the stretches that end at its points.
 *
 * When one of n comes or goes, only its own share moves, 1/n. Source: Karger et al., "Consistent Hashing and Random
 * Trees", STOC 1997. A lookup takes constant time by an index of buckets, about one point to a bucket.
 *
 * No lookup rebuilds the table but the first. Who comes later stands in a second, smaller circle, which is searched too,
 * and the points of who left are passed over, until `rebuild` makes one table of all: about 6 ms at 10,000 members, for
 * when nobody waits.
 */
export class HashRing {
  readonly #table = new PointTable();
  #isBuilt = false;
  /** Members whose points are not in the table, and their points in order once it is built. */
  readonly #young = new Map<Slot, string>();
  #youngPoints: Float64Array = new Float64Array(0);
  /** Members whose points are in the table still. */
  readonly #gone = new Map<Slot, string>();
  /** Where a walk stands in both circles, counted on round the end, and how far it may go. */
  #at = 0;
  #end = 0;
  #youngAt = 0;
  #youngEnd = 0;

  /** Whether `rebuild` has anything to do. */
  get isStale(): boolean {
    return this.#young.size > 0 || this.#gone.size > 0;
  }

  add(slot: Slot, id: string): void {
    this.#young.set(slot, id);
    if (this.#isBuilt) this.#youngPoints = united(this.#youngPoints, pointsOf([[slot, id]]));
  }

  remove(slot: Slot, id: string): void {
    if (!this.#young.delete(slot)) this.#gone.set(slot, id);
    else if (this.#isBuilt) this.#youngPoints = without(this.#youngPoints, pointsOf([[slot, id]]));
  }

  /** One table of all that are there. O(points). */
  rebuild(): void {
    const young = this.#isBuilt ? this.#youngPoints : pointsOf(this.#young);
    this.#table.set(united(without(this.#table.points, pointsOf(this.#gone)), young));
    this.#isBuilt = true;
    this.#young.clear();
    this.#gone.clear();
    this.#youngPoints = new Float64Array(0);
  }

  /** Begins a walk at the first point at or after `position`. One walk at a time. */
  from(position: number): void {
    if (!this.#isBuilt) this.rebuild();
    this.#at = this.#table.find(position);
    this.#end = this.#at + this.#table.points.length;
    if (this.#youngPoints.length === 0) {
      this.#youngAt = this.#youngEnd = 0;
      return;
    }
    this.#youngAt = firstNotBelow(this.#youngPoints, position * maxSlots, 0);
    this.#youngEnd = this.#youngAt + this.#youngPoints.length;
  }

  /** The owner of the next point of the walk, round the end; `none` once all were passed. */
  next(): Slot {
    const { points } = this.#table;
    if (this.#gone.size > 0) this.#passGone();
    const isOver = this.#at >= this.#end;
    if (this.#youngAt >= this.#youngEnd) return isOver ? none : slotOf(points, this.#at++);
    if (isOver || placeOf(this.#youngPoints, this.#youngAt) < placeOf(points, this.#at)) {
      return slotOf(this.#youngPoints, this.#youngAt++);
    }
    return slotOf(points, this.#at++);
  }

  #passGone(): void {
    const { points } = this.#table;
    while (this.#at < this.#end && this.#gone.has(slotOf(points, this.#at))) this.#at += 1;
  }
}

function slotOf(points: Float64Array, at: number): Slot {
  const index = at < points.length ? at : at - points.length;
  return (points[index] ?? 0) % maxSlots;
}

/** Where a point of a walk is, a turn further once it is round the end. */
function placeOf(points: Float64Array, at: number): number {
  return at < points.length ? (points[at] ?? 0) : (points[at - points.length] ?? 0) + turn;
}

/** Points in order, and where to begin to look for a position. */
class PointTable {
  points: Float64Array = new Float64Array(0);
  /** For each bucket of positions the first point in or after it. */
  #starts = new Int32Array(1);
  #shift = 31;

  set(points: Float64Array): void {
    this.points = points;
    this.#index();
  }

  /** The index of the first point at or after `position`; the number of points after the last. */
  find(position: number): number {
    const { points } = this;
    const key = position * maxSlots;
    let index = this.#starts[position >>> this.#shift] ?? 0;
    while (index < points.length && (points[index] ?? 0) < key) index += 1;
    return index;
  }

  #index(): void {
    const points = this.points;
    const bits = Math.max(1, Math.min(24, Math.ceil(Math.log2(points.length + 1))));
    this.#shift = 32 - bits;
    if (this.#starts.length !== 2 ** bits) this.#starts = new Int32Array(2 ** bits);
    const starts = this.#starts;
    const perPoint = 1 / (2 ** this.#shift * maxSlots);
    let bucket = 0;
    for (let index = 0; index < points.length; index++) {
      // Both are powers of two, so the product is exact.
      const own = (points[index] ?? 0) * perPoint;
      while (bucket <= own) starts[bucket++] = index;
    }
    starts.fill(points.length, bucket);
  }
}

/** All points of `members`, in order. */
function pointsOf(members: Iterable<readonly [Slot, string]>): Float64Array {
  const all = [...members];
  const points = new Float64Array(all.length * pointsEach);
  let length = 0;
  for (const [slot, id] of all) {
    const seed = hash(id);
    for (let i = 1; i <= pointsEach; i++) points[length++] = mix(seed + Math.imul(i, 0x9e3779b9)) * maxSlots + slot;
  }
  return points.sort();
}

/** `points` and `more`, in order; what lies between two of `more` is copied as one block. */
function united(points: Float64Array, more: Float64Array): Float64Array {
  if (points.length === 0) return more;
  const all = new Float64Array(points.length + more.length);
  let from = 0;
  for (let i = 0; i < more.length; i++) {
    const point = more[i] ?? 0;
    const to = firstNotBelow(points, point, from);
    all.set(points.subarray(from, to), from + i);
    all[to + i] = point;
    from = to;
  }
  all.set(points.subarray(from), from + more.length);
  return all;
}

/** `points` less those in `gone`, each of which is among them. */
function without(points: Float64Array, gone: Float64Array): Float64Array {
  const rest = new Float64Array(points.length - gone.length);
  let from = 0;
  for (let i = 0; i < gone.length; i++) {
    const to = firstNotBelow(points, gone[i] ?? 0, from);
    rest.set(points.subarray(from, to), from - i);
    from = to + 1;
  }
  rest.set(points.subarray(from), from - gone.length);
  return rest;
}

/** Binary search from index `from` on. */
function firstNotBelow(points: Float64Array, point: number, from: number): number {
  let low = from;
  let high = points.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((points[middle] ?? 0) < point) low = middle + 1;
    else high = middle;
  }
  return low;
}
