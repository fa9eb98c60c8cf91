/**
 * Splits files into shards of even weight that cut few ties: the files of one shard are one agent's to change.
 *
 * A walk along the ties puts relatives side by side; the line is cut into pieces of even weight; then files move to the
 * shard that holds most of their relatives, within bounds of weight. O(rounds × (files + ties)).
 * Source: size-constrained label propagation, Meyerhenke, Sanders, Schulz, "Partitioning complex networks via
 * size-constrained clustering", SEA 2014; we start from the cut line instead of from single vertices.
 */
import { assert } from "../../lib/assert.ts";
import type { Affinity } from "./affinity.ts";

/** The heaviest shard over the lightest; what `shard` promises where no single file is in its way. */
export const maxImbalance = 1.5;
/** Bounds of a shard around the mean: 1.18 / 0.8 < 1.5, so that those who wait for the last shard wait little. */
const upper = 1.18;
const lower = 0.8;
const maxRounds = 12;

/** Indices of files by shard: each in exactly one; shards and files in the order of their first file. */
export type Shards = number[][];

/**
 * At most `count` shards of files that weigh `weights`; fewer where a file is so heavy that no other split is even.
 * Files come in the order that they have in the tree, which is what breaks ties.
 */
export function shard(weights: readonly number[], affinity: Affinity, count: number): Shards {
  const line = walk(weights.length, affinity);
  for (let shards = evenCount(weights, count); ; shards = Math.floor(shards * 0.9)) {
    const place = new Placement(weights, affinity, Math.max(1, shards));
    place.cut(line);
    for (let round = 0; round < maxRounds; round++) {
      if (place.gather() + place.level() === 0) break;
    }
    // Few files to a shard may fit no bounds; fewer shards are more even.
    if (shards <= 1 || place.imbalance() <= maxImbalance) return place.shards();
  }
}

/** A shard that holds one heavy file alone must not outweigh the mean by more than the upper bound. */
function evenCount(weights: readonly number[], count: number): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const heaviest = weights.reduce((most, weight) => Math.max(most, weight), 0);
  const most = heaviest === 0 ? 1 : Math.floor((total * upper) / heaviest);
  return Math.max(1, Math.min(count, most, weights.length));
}

/** All files, relatives side by side: depth first along the strongest ties. Without recursion. */
function walk(files: number, affinity: Affinity): number[] {
  const order: number[] = [];
  const seen = new Uint8Array(files);
  for (let start = 0; start < files; start++) {
    const stack = [start];
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      if (seen[at]) continue;
      seen[at] = 1;
      order.push(at);
      const next = [...(affinity[at] ?? [])].filter(([file]) => !seen[file]);
      next.sort(([a, x], [b, y]) => x - y || b - a);
      for (const [file] of next) stack.push(file);
    }
  }
  return order;
}

class Placement {
  readonly #weights: readonly number[];
  readonly #affinity: Affinity;
  readonly #shardOf: Int32Array;
  readonly #load: Float64Array;
  readonly #mean: number;

  constructor(weights: readonly number[], affinity: Affinity, shards: number) {
    this.#weights = weights;
    this.#affinity = affinity;
    this.#shardOf = new Int32Array(weights.length);
    this.#load = new Float64Array(shards);
    this.#mean = weights.reduce((sum, weight) => sum + weight, 0) / shards;
  }

  /** Cuts the line at equal sums of weight; a file belongs where its middle falls. */
  cut(order: readonly number[]): void {
    let before = 0;
    for (const file of order) {
      const weight = this.#weights[file] ?? 0;
      const at = this.#mean === 0 ? 0 : Math.floor((before + weight / 2) / this.#mean);
      this.#put(file, Math.min(at, this.#load.length - 1));
      before += weight;
    }
  }

  /** Moves each file to its relatives where weight allows. How many moved. */
  gather(): number {
    let moves = 0;
    for (let file = 0; file < this.#weights.length; file++) {
      const home = this.#shardOf[file] ?? 0;
      const ties = this.#tiesOf(file);
      let best = home;
      for (const [to, strength] of ties) {
        if (strength > (ties.get(best) ?? 0) && this.#mayMove(file, to)) best = to;
      }
      if (best === home) continue;
      this.#move(file, best);
      moves++;
    }
    return moves;
  }

  /** Moves files from shards above the bounds to the lightest, those with the least to lose first. How many moved. */
  level(): number {
    let moves = 0;
    // Each move brings the two nearer to each other, so this ends; the bound is for weights that are not numbers.
    while (moves < this.#weights.length) {
      const [heavy, light] = this.#extremes();
      if (this.#within(heavy) && this.#within(light)) break;
      const file = this.#cheapest(heavy, light);
      if (file === undefined) break;
      this.#move(file, light);
      moves++;
    }
    return moves;
  }

  /** The heaviest shard over the lightest. */
  imbalance(): number {
    const [heavy, light] = this.#extremes();
    return (this.#load[heavy] ?? 0) / (this.#load[light] ?? 0);
  }

  shards(): Shards {
    const shards: number[][] = Array.from(this.#load, () => []);
    for (const [file, at] of this.#shardOf.entries()) shards[at]?.push(file);
    const filled = shards.filter((files) => files.length > 0).sort(([a = 0], [b = 0]) => a - b);
    assert(filled.reduce((sum, files) => sum + files.length, 0) === this.#weights.length, "a file is in no shard");
    return filled;
  }

  #within(at: number): boolean {
    const load = this.#load[at] ?? 0;
    return load <= this.#mean * upper && load >= this.#mean * lower;
  }

  #mayMove(file: number, to: number): boolean {
    const weight = this.#weights[file] ?? 0;
    const left = (this.#load[this.#shardOf[file] ?? 0] ?? 0) - weight;
    return (this.#load[to] ?? 0) + weight <= this.#mean * upper && left >= this.#mean * lower;
  }

  /** The strength of a file's ties to each shard that it has any to. */
  #tiesOf(file: number): Map<number, number> {
    const ties = new Map<number, number>();
    for (const [other, strength] of this.#affinity[file] ?? []) {
      const at = this.#shardOf[other] ?? 0;
      ties.set(at, (ties.get(at) ?? 0) + strength);
    }
    return ties;
  }

  #extremes(): [heavy: number, light: number] {
    let [heavy, light] = [0, 0];
    for (const [at, load] of this.#load.entries()) {
      if (load > (this.#load[heavy] ?? 0)) heavy = at;
      if (load < (this.#load[light] ?? 0)) light = at;
    }
    return [heavy, light];
  }

  /** The file whose move from `heavy` to `light` levels them and tears the least; undefined where none levels. */
  #cheapest(heavy: number, light: number): number | undefined {
    const gap = (this.#load[heavy] ?? 0) - (this.#load[light] ?? 0);
    let best: { file: number; loss: number } | undefined;
    for (const [file, at] of this.#shardOf.entries()) {
      if (at !== heavy || (this.#weights[file] ?? 0) >= gap || (this.#weights[file] ?? 0) === 0) continue;
      const ties = this.#tiesOf(file);
      const loss = (ties.get(heavy) ?? 0) - (ties.get(light) ?? 0);
      if (!best || loss < best.loss) best = { file, loss };
    }
    return best?.file;
  }

  #put(file: number, to: number): void {
    this.#shardOf[file] = to;
    this.#load[to] = (this.#load[to] ?? 0) + (this.#weights[file] ?? 0);
  }

  #move(file: number, to: number): void {
    const home = this.#shardOf[file] ?? 0;
    this.#load[home] = (this.#load[home] ?? 0) - (this.#weights[file] ?? 0);
    this.#put(file, to);
  }
}
