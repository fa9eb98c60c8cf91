import type { TaskGraph } from "./graph.ts";

/** What the shape of a graph says of each task, by its number. */
export interface Ranks {
  /** The work on the longest path from the start of a task to the end of the graph, itself included. */
  upward: Float64Array;
  /** When it starts at the earliest, however many agents there are. */
  earliest: Float64Array;
  /** The most needs on a path to it: 0 for what needs nothing. */
  levels: Int32Array;
  /** The largest rank: no fleet, however large, is done sooner. */
  longest: number;
}

/**
 * O(tasks + needs), along an order and back.
 *
 * Source: upward rank as in HEFT (Topcuoglu et al., "Performance-Effective and Low-Complexity Task Scheduling", TPDS 2002).
 * Departure: no communication costs, since every worktree is made from the same repository.
 */
export function ranksOf(graph: TaskGraph, order: Int32Array): Ranks {
  const { size, needs } = graph;
  const upward = new Float64Array(size);
  const earliest = new Float64Array(size);
  const levels = new Int32Array(size);
  for (const task of order) {
    for (let link = needs.first(task); link >= 0; link = needs.after(link)) {
      const need = needs.to(link);
      earliest[task] = Math.max(earliest[task] ?? 0, (earliest[need] ?? 0) + graph.weightOf(need));
      levels[task] = Math.max(levels[task] ?? 0, (levels[need] ?? 0) + 1);
    }
  }
  let longest = 0;
  for (let i = size - 1; i >= 0; i--) {
    const task = order[i] ?? 0;
    // Until here `upward` holds the largest rank among those that need it.
    const rank = (upward[task] ?? 0) + graph.weightOf(task);
    upward[task] = rank;
    longest = Math.max(longest, rank);
    for (let link = needs.first(task); link >= 0; link = needs.after(link)) {
      const need = needs.to(link);
      upward[need] = Math.max(upward[need] ?? 0, rank);
    }
  }
  return { upward, earliest, levels, longest };
}

/** A chain with the most work, first to last. Of several, the one whose tasks came first. */
export function longestPath(graph: TaskGraph, { upward }: Ranks): number[] {
  const { dependents } = graph;
  const path: number[] = [];
  let at = -1;
  for (let task = 0; task < graph.size; task++) if (at < 0 || rankOf(task) > rankOf(at)) at = task;
  while (at >= 0) {
    path.push(at);
    let next = -1;
    for (let link = dependents.first(at); link >= 0; link = dependents.after(link)) {
      const dependent = dependents.to(link);
      if (next < 0 || rankOf(dependent) > rankOf(next)) next = dependent;
    }
    at = next;
  }
  return path;

  function rankOf(task: number): number {
    return upward[task] ?? 0;
  }
}
