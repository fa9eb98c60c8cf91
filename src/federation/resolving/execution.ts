import { GodelError } from "../../lib/errors.ts";
import { IndexedHeap } from "../strategies/indexed-heap.ts";
import { type Dependency, TaskGraph } from "./graph.ts";
import { hangingOn } from "./hanging.ts";
import { listSchedule } from "./list-schedule.ts";
import { topologicalOrder } from "./order.ts";
import { ranksOf } from "./ranks.ts";

/** `blocked → ready → running → done | failed`, or `cancelled`, or `skipped` by a need that did not get done. */
export type Progress = "blocked" | "ready" | "running" | "done" | "failed" | "cancelled" | "skipped";

/** A task that can't start any more. */
export interface Skip {
  id: string;
  /** Its own need that did not get done. */
  because: string;
}

/** What a need of it did, where it may never start. */
interface End {
  /** The number of the need that is the cause; its own for one that failed or was cancelled. */
  cause: number;
  why: string;
}

/**
 * A plan while it is carried out: a task is ready the moment that its last need is done, whatever else runs.
 *
 * Each step is O(log tasks) and what it touches. Tasks may be added while it runs; their ranks, and those of open tasks
 * that they need, follow.
 */
export class Execution {
  readonly #graph: TaskGraph;
  readonly #states: Progress[] = [];
  /** Needs that are not done. */
  readonly #open: number[] = [];
  readonly #ends = new Map<number, End>();
  readonly #ready = new IndexedHeap();
  #ranks: Float64Array;

  /** @throws GodelError PLAN_INVALID as `DependencyResolver` */
  constructor(dependencies: readonly Dependency[]) {
    this.#graph = new TaskGraph(dependencies);
    this.#ranks = ranksOf(this.#graph, topologicalOrder(this.#graph)).upward;
    for (let task = 0; task < this.#graph.size; task++) this.#enter(task);
  }

  /** How many tasks may start now. */
  get ready(): number {
    return this.#ready.length;
  }

  /** Starts the ready task with the most work behind it; null while none is ready. */
  next(): string | null {
    if (this.#ready.length === 0) return null;
    const task = this.#ready.least();
    this.#leave(task, "running");
    return this.#graph.idOf(task);
  }

  /** A running or ready task is done: those that may start now because of it. @throws GodelError TASK_STATE otherwise */
  complete(id: string): string[] {
    const task = this.#openTask(id);
    const state = this.#states[task];
    if (state === "blocked") throw new GodelError("TASK_STATE", `task "${id}" is blocked: it can't be done.`);
    this.#leave(task, "done");
    const { dependents } = this.#graph;
    const started: string[] = [];
    for (let link = dependents.first(task); link >= 0; link = dependents.after(link)) {
      const dependent = dependents.to(link);
      const left = (this.#open[dependent] ?? 0) - 1;
      this.#open[dependent] = left;
      if (left > 0 || this.#states[dependent] !== "blocked") continue;
      this.#offer(dependent);
      started.push(this.#graph.idOf(dependent));
    }
    return started;
  }

  /** A task failed for good: all that hangs on it, nearest first. @throws GodelError TASK_ENDED */
  fail(id: string, why: string): Skip[] {
    return this.#giveUp(this.#openTask(id), "failed", why);
  }

  /** A task is wanted no more: all that hangs on it, nearest first. @throws GodelError TASK_ENDED */
  cancel(id: string, why = "by a person"): Skip[] {
    return this.#giveUp(this.#openTask(id), "cancelled", why);
  }

  /** More tasks, which may need old ones and each other: those of them that may start now. @throws GodelError PLAN_INVALID, and nothing has changed */
  add(dependencies: readonly Dependency[]): string[] {
    const from = this.#graph.size;
    this.#grow(() => this.#graph.add(dependencies));
    const tasks = dependencies.map((_, i) => from + i);
    for (const task of tasks) this.#enter(task);
    return tasks.filter((task) => this.#states[task] === "ready").map((task) => this.#graph.idOf(task));
  }

  /** A task that has not started needs `needs` too, as one that was split needs its parts. @throws GodelError PLAN_INVALID on a cycle, TASK_STATE once it has started */
  require(id: string, needs: readonly string[]): void {
    const task = this.#openTask(id);
    if (this.#states[task] === "running") throw new GodelError("TASK_STATE", `task "${id}" has started already.`);
    this.#grow(() => {
      for (const need of needs) this.#graph.link(id, need);
    });
    this.#ready.remove(task);
    this.#enter(task);
  }

  /** @throws GodelError TASK_NOT_FOUND */
  stateOf(id: string): Progress {
    return this.#states[this.#numberOf(id)] ?? "blocked";
  }

  /** The chain of needs from a task to the one that is the cause, and why that ended; "" for a task that is not skipped. */
  whySkipped(id: string): string {
    let task = this.#numberOf(id);
    if (this.#states[task] !== "skipped") return "";
    const chain: string[] = [];
    let end = this.#ends.get(task);
    while (end && end.cause !== task) {
      chain.push(`it needs ${this.#graph.idOf(end.cause)}`);
      task = end.cause;
      end = this.#ends.get(task);
    }
    return `${chain.join(", ").replaceAll(", it needs", ", which needs")}, which ${this.#states[task] === "failed" ? "failed" : "was cancelled"}: ${end?.why}`;
  }

  /** How long the rest takes `agents` equal agents, in units of weight. What runs is counted as if it began now. */
  makespan(agents: number): number {
    const open = this.#states.map((state, task) => {
      if (state === "running") return 0;
      return state === "ready" || state === "blocked" ? (this.#open[task] ?? 0) : -1;
    });
    return listSchedule({ graph: this.#graph, ranks: this.#ranks, open }, agents).makespan;
  }

  #giveUp(task: number, to: "failed" | "cancelled", why: string): Skip[] {
    this.#leave(task, to);
    this.#ends.set(task, { cause: task, why });
    return this.#skipBelow(task);
  }

  #skipBelow(task: number): Skip[] {
    const enter = (one: number) => {
      if (this.#states[one] !== "blocked") return false;
      this.#states[one] = "skipped";
      return true;
    };
    return hangingOn(task, (one) => this.#dependentsOf(one), enter).map(({ one, because }) => {
      this.#ends.set(one, { cause: because, why: "" });
      return { id: this.#graph.idOf(one), because: this.#graph.idOf(because) };
    });
  }

  *#dependentsOf(task: number): Iterable<number> {
    const { dependents } = this.#graph;
    for (let link = dependents.first(task); link >= 0; link = dependents.after(link)) yield dependents.to(link);
  }

  /** Where a task stands by its needs: the first time, or when it got more of them. */
  #enter(task: number): void {
    const { needs } = this.#graph;
    let open = 0;
    let lost = -1;
    for (let link = needs.first(task); link >= 0; link = needs.after(link)) {
      const need = needs.to(link);
      if (this.#states[need] !== "done") open++;
      if (this.#ends.has(need)) lost = need;
    }
    this.#open[task] = open;
    this.#states[task] = "blocked";
    if (lost >= 0) {
      this.#states[task] = "skipped";
      this.#ends.set(task, { cause: lost, why: "" });
      this.#skipBelow(task);
    } else if (open === 0) this.#offer(task);
  }

  #offer(task: number): void {
    this.#states[task] = "ready";
    this.#ready.set(task, -(this.#ranks[task] ?? 0), task);
  }

  #leave(task: number, to: Progress): void {
    this.#ready.remove(task);
    this.#states[task] = to;
  }

  /** Changes the graph and brings ranks up to date; a graph with a cycle is refused. O(tasks + needs) for all that is added at once. */
  #grow(change: () => void): void {
    const before = this.#graph.mark();
    try {
      change();
      this.#ranks = ranksOf(this.#graph, topologicalOrder(this.#graph)).upward;
    } catch (error) {
      this.#graph.backTo(before);
      throw error;
    }
    for (let task = 0; task < before.tasks; task++) if (this.#ready.has(task)) this.#offer(task);
  }

  #openTask(id: string): number {
    const task = this.#numberOf(id);
    const state = this.#states[task] ?? "blocked";
    if (state !== "blocked" && state !== "ready" && state !== "running") {
      throw new GodelError("TASK_ENDED", `task "${id}" is ${state}.`);
    }
    return task;
  }

  #numberOf(id: string): number {
    const task = this.#graph.find(id);
    if (task === undefined) throw new GodelError("TASK_NOT_FOUND", `no task "${id}" in the plan.`);
    return task;
  }
}
