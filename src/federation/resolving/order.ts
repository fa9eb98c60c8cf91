import { GodelError } from "../../lib/errors.ts";
import type { TaskGraph } from "./graph.ts";

/**
 * Every task after all that it needs. O(tasks + needs), without recursion.
 *
 * Source: Kahn, "Topological sorting of large networks", CACM 1962.
 * @throws GodelError PLAN_INVALID on a cycle, which is named as a path
 */
export function topologicalOrder(graph: TaskGraph): Int32Array {
  const { size, needs, dependents } = graph;
  const open = new Int32Array(size);
  const order = new Int32Array(size);
  let length = 0;
  for (let task = 0; task < size; task++) {
    let count = 0;
    for (let link = needs.first(task); link >= 0; link = needs.after(link)) count++;
    open[task] = count;
    if (count === 0) order[length++] = task;
  }
  for (let next = 0; next < length; next++) {
    for (let link = dependents.first(order[next] ?? 0); link >= 0; link = dependents.after(link)) {
      const dependent = dependents.to(link);
      const left = (open[dependent] ?? 0) - 1;
      open[dependent] = left;
      if (left === 0) order[length++] = dependent;
    }
  }
  if (length < size) throw cycleError(graph, open);
  return order;
}

/** Every task that is left has an open need that is left too, so walking along them must come back. */
function cycleError(graph: TaskGraph, open: Int32Array): GodelError {
  const { needs } = graph;
  const path: number[] = [];
  const places = new Map<number, number>();
  let at = open.findIndex((count) => count > 0);
  while (!places.has(at)) {
    places.set(at, path.length);
    path.push(at);
    let link = needs.first(at);
    while (open[needs.to(link)] === 0) link = needs.after(link);
    at = needs.to(link);
  }
  const cycle = [...path.slice(places.get(at)), at].map((task) => graph.idOf(task));
  return new GodelError("PLAN_INVALID", `the plan has a cycle: ${cycle.join(" needs ")}.`);
}
