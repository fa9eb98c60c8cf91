import { IndexedHeap } from "../strategies/indexed-heap.ts";
import type { TaskGraph } from "./graph.ts";

/** Where the work stands that a schedule is made for. By number of a task. */
export interface Work {
  graph: TaskGraph;
  ranks: ArrayLike<number>;
  /** Needs of each that are not met; below 0 for a task that is not to be scheduled. */
  open: ArrayLike<number>;
}

export interface Placement {
  /** When the last task ends. */
  makespan: number;
  /** When each task starts, and which agent takes it, from 0; NaN and -1 for one that is not scheduled. */
  starts: Float64Array;
  agents: Int32Array;
}

/**
 * The schedule of `agents` equal agents, each of which takes the startable task with the most work behind it as soon as it
 * is free: no task waits for others of its level. At most 2 - 1/agents times as long as the best there is.
 * O((tasks + needs) log tasks).
 *
 * Source: Graham, "Bounds on multiprocessing timing anomalies", 1969; priorities are the upward ranks of HEFT, ties in the
 * order of the plan.
 */
export function listSchedule({ graph, ranks, open }: Work, agents: number): Placement {
  const { size, dependents } = graph;
  const left = Int32Array.from(open);
  const placement = {
    makespan: 0,
    starts: new Float64Array(size).fill(Number.NaN),
    agents: new Int32Array(size).fill(-1),
  };
  const ready = new IndexedHeap();
  const running = new IndexedHeap();
  const free = Array.from({ length: Math.min(agents, size) }, (_, i) => i).reverse();
  for (let task = 0; task < size; task++) if (left[task] === 0) offer(task);
  for (;;) {
    while (free.length > 0 && ready.length > 0) start(ready.least(), free.pop() ?? 0);
    if (running.length === 0) return placement;
    end(running.least());
  }

  function offer(task: number): void {
    ready.set(task, -(ranks[task] ?? 0), task);
  }

  function start(task: number, agent: number): void {
    ready.remove(task);
    placement.starts[task] = placement.makespan;
    placement.agents[task] = agent;
    running.set(task, placement.makespan + graph.weightOf(task), task);
  }

  function end(task: number): void {
    placement.makespan = running.leastKey();
    running.remove(task);
    free.push(placement.agents[task] ?? 0);
    for (let link = dependents.first(task); link >= 0; link = dependents.after(link)) {
      const dependent = dependents.to(link);
      const count = (left[dependent] ?? 0) - 1;
      left[dependent] = count;
      if (count === 0) offer(dependent);
    }
  }
}
