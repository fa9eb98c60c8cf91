/** How strongly files belong together, as a graph: neighbours of each file with the weight of their tie. */
import type { RepoMap } from "../../model/repo-map.ts";

/** By file index; each tie is in the maps of both its ends. */
export type Affinity = readonly ReadonlyMap<number, number>[];

/** An import ties as much as three changes made together: it is certain, they are a habit. */
const importWeight = 3;

export function affinityOf({ files, changeTogether }: Pick<RepoMap, "files" | "changeTogether">): Affinity {
  const ties = files.map(() => new Map<number, number>());
  for (const [file, { imports }] of files.entries()) {
    for (const target of imports) tie(ties, file, target, importWeight);
  }
  for (const [one, other, count] of changeTogether) tie(ties, one, other, count);
  return ties;
}

function tie(ties: Map<number, number>[], one: number, other: number, weight: number): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    ties[from]?.set(to, (ties[from].get(to) ?? 0) + weight);
  }
}
