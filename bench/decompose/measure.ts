/** How good a split of files over tasks is. */
import type { Affinity } from "../../src/federation/decomposing/affinity.ts";

/** As most tools do it: chunks of equally many files, in their order. */
export function byCount(files: number, shards: number): number[][] {
  const split: number[][] = Array.from({ length: shards }, () => []);
  for (let file = 0; file < files; file++) split[Math.floor((file * shards) / files)]?.push(file);
  return split;
}

export function imbalanceOf(split: readonly number[][], weights: readonly number[]): number {
  const loads = loadsOf(split, weights);
  return Math.max(...loads) / Math.min(...loads);
}

/** Share of the ties between files, by their strength, whose ends are in two tasks. */
export function cutOf(split: readonly number[][], affinity: Affinity): number {
  const shardOf = new Map(split.flatMap((files, at) => files.map((file) => [file, at] as const)));
  let [cut, all] = [0, 0];
  for (const [file, ties] of affinity.entries()) {
    for (const [other, strength] of ties) {
      all += strength;
      if (shardOf.get(file) !== shardOf.get(other)) cut += strength;
    }
  }
  return all === 0 ? 0 : cut / all;
}

/** Mean number of agents at work until the last task is done, when each takes the next task as it gets free. */
export function sideBySide(split: readonly number[][], weights: readonly number[], agents: number): number {
  const free = new Array<number>(agents).fill(0);
  for (const load of loadsOf(split, weights)) {
    const first = free.indexOf(Math.min(...free));
    free[first] = (free[first] ?? 0) + load;
  }
  return weights.reduce((sum, weight) => sum + weight, 0) / Math.max(...free);
}

function loadsOf(split: readonly number[][], weights: readonly number[]): number[] {
  return split.map((files) => files.reduce((sum, file) => sum + (weights[file] ?? 0), 0));
}
