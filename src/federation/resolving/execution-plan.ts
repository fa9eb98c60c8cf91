import { GodelError } from "../../lib/errors.ts";
import { inRange } from "../../lib/options.ts";
import { Execution } from "./execution.ts";
import type { Dependency, TaskGraph } from "./graph.ts";
import { listSchedule } from "./list-schedule.ts";
import { topologicalOrder } from "./order.ts";
import { longestPath, type Ranks, ranksOf } from "./ranks.ts";

/** What would happen if each task took as long as its weight says. Times are in units of weight. */
export interface Schedule {
  /** When the last task ends. */
  makespan: number;
  /** No schedule of as many agents is shorter: the critical path, or the work shared out evenly. */
  lowerBound: number;
  startOf(id: string): number;
  /** Which agent takes it, from 0. */
  agentOf(id: string): number;
}

/** What the needs of a plan say, before any of it runs. Look-ups by id throw TASK_NOT_FOUND on one that is not there. */
export class ExecutionPlan {
  /** Every id, each after all that it needs. */
  readonly order: readonly string[];
  /** A chain with the most work, first to last: however many agents there are, these take their time. */
  readonly criticalPath: readonly string[];
  /** The work on it. */
  readonly criticalWork: number;
  /** All work. */
  readonly work: number;
  readonly #dependencies: readonly Dependency[];
  readonly #graph: TaskGraph;
  readonly #ranks: Ranks;

  constructor(dependencies: readonly Dependency[], graph: TaskGraph) {
    const order = topologicalOrder(graph);
    this.#dependencies = dependencies;
    this.#graph = graph;
    this.#ranks = ranksOf(graph, order);
    this.order = Array.from(order, (task) => graph.idOf(task));
    this.criticalPath = longestPath(graph, this.#ranks).map((task) => graph.idOf(task));
    this.criticalWork = this.#ranks.longest;
    this.work = graph.weights.reduce((sum, weight) => sum + weight, 0);
  }

  /** Tasks by the most needs on a path to them: those of one level need none of each other. No schedule waits for a level. */
  get levels(): string[][] {
    const levels: string[][] = [];
    this.#ranks.levels.forEach((level, task) => {
      levels[level] ??= [];
      levels[level].push(this.#graph.idOf(task));
    });
    return levels;
  }

  /** Upward rank: the work on the longest path from the start of a task to the end of the graph, itself included. */
  rankOf(id: string): number {
    return this.#ranks.upward[this.#numberOf(id)] ?? 0;
  }

  /** How much later than at the earliest a task may start without making the plan longer, given agents enough; 0 on the critical path. */
  slackOf(id: string): number {
    const task = this.#numberOf(id);
    const through = (this.#ranks.earliest[task] ?? 0) + (this.#ranks.upward[task] ?? 0);
    return Math.max(0, this.criticalWork - through);
  }

  /** Who does what when with `agents` equal agents. @throws GodelError OPTION_RANGE below one agent */
  schedule(agents: number): Schedule {
    inRange("agents", agents, 1, Number.MAX_SAFE_INTEGER);
    const graph = this.#graph;
    const { makespan, ...placed } = listSchedule({ graph, ranks: this.#ranks.upward, open: needCounts(graph) }, agents);
    return {
      makespan,
      lowerBound: Math.max(this.criticalWork, this.work / agents),
      startOf: (id) => placed.starts[this.#numberOf(id)] ?? 0,
      agentOf: (id) => placed.agents[this.#numberOf(id)] ?? 0,
    };
  }

  /** The plan as it is carried out: what may start, and what follows from each end. The plan stays as it is. */
  begin(): Execution {
    return new Execution(this.#dependencies);
  }

  #numberOf(id: string): number {
    const task = this.#graph.find(id);
    if (task === undefined) throw new GodelError("TASK_NOT_FOUND", `no task "${id}" in the plan.`);
    return task;
  }
}

function needCounts({ size, needs }: TaskGraph): Int32Array {
  const counts = new Int32Array(size);
  for (let task = 0; task < size; task++)
    for (let link = needs.first(task); link >= 0; link = needs.after(link)) counts[task] = (counts[task] ?? 0) + 1;
  return counts;
}
