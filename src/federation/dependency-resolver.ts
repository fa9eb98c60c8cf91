import { GodelError } from "../lib/errors.ts";

/** A vertex of the graph: it may start when all of `needs` are done. */
export interface Dependency {
  id: string;
  needs: readonly string[];
  /** Expected work, in any unit that all share. Default 1. */
  weight?: number;
}

export interface Resolution {
  /** Every id, each after all that it needs. */
  order: string[];
  /** Upward rank: the work on the longest path from the start of a task to the end of the graph, itself included. */
  rank: Map<string, number>;
  /** The largest rank: no fleet, however large, is done sooner. */
  criticalPath: number;
}

/**
 * Turns needs into an order and into ranks.
 *
 * O(vertices + edges), without recursion.
 * Source: Kahn, "Topological sorting of large networks", CACM 1962; upward rank as in HEFT (Topcuoglu et al., 2002),
 * without communication costs, since every worktree is made from the same repository.
 */
export class DependencyResolver {
  /** @throws GodelError PLAN_INVALID on a need that is not in the graph, and on a cycle, which is named as a path. */
  resolve(dependencies: readonly Dependency[]): Resolution {
    const order = topologicalOrder(dependencies);
    const rank = upwardRanks(dependencies, order);
    return { order, rank, criticalPath: largest(rank.values()) };
  }
}

function largest(values: Iterable<number>): number {
  let most = 0;
  for (const value of values) most = Math.max(most, value);
  return most;
}

function topologicalOrder(dependencies: readonly Dependency[]): string[] {
  const open = new Map(dependencies.map(({ id, needs }) => [id, needs.length]));
  const dependents = dependentsOf(dependencies);
  const order = dependencies.filter(({ needs }) => needs.length === 0).map(({ id }) => id);
  for (let next = 0; next < order.length; next++) {
    for (const dependent of dependents.get(order[next] ?? "") ?? []) {
      const left = (open.get(dependent) ?? 0) - 1;
      open.set(dependent, left);
      if (left === 0) order.push(dependent);
    }
  }
  if (order.length < dependencies.length) throw cycleError(dependencies, open);
  return order;
}

/** Who needs each id. @throws GodelError PLAN_INVALID on an unknown need. */
function dependentsOf(dependencies: readonly Dependency[]): Map<string, string[]> {
  const dependents = new Map<string, string[]>(dependencies.map(({ id }) => [id, []]));
  for (const { id, needs } of dependencies) {
    for (const need of needs) {
      const list = dependents.get(need);
      if (!list) throw new GodelError("PLAN_INVALID", `task "${id}" needs "${need}", which no task has.`);
      list.push(id);
    }
  }
  return dependents;
}

function upwardRanks(dependencies: readonly Dependency[], order: readonly string[]): Map<string, number> {
  const byId = new Map(dependencies.map((dependency) => [dependency.id, dependency]));
  const below = new Map<string, number>();
  const rank = new Map<string, number>();
  for (const id of order.toReversed()) {
    const dependency = byId.get(id);
    const own = (dependency?.weight ?? 1) + (below.get(id) ?? 0);
    rank.set(id, own);
    for (const need of dependency?.needs ?? []) below.set(need, Math.max(below.get(need) ?? 0, own));
  }
  return rank;
}

/** Every vertex that is left has an open need that is left too, so walking along them must come back. */
function cycleError(dependencies: readonly Dependency[], open: ReadonlyMap<string, number>): GodelError {
  const left = new Map(dependencies.filter(({ id }) => (open.get(id) ?? 0) > 0).map(({ id, needs }) => [id, needs]));
  const path: string[] = [];
  const seen = new Map<string, number>();
  let at = left.keys().next().value;
  while (at !== undefined && !seen.has(at)) {
    seen.set(at, path.length);
    path.push(at);
    at = left.get(at)?.find((need) => left.has(need));
  }
  const cycle = [...path.slice(seen.get(at ?? "") ?? 0), at];
  return new GodelError("PLAN_INVALID", `the plan has a cycle: ${cycle.join(" needs ")}.`);
}
