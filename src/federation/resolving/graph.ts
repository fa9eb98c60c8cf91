import { GodelError } from "../../lib/errors.ts";
import { Edges } from "./edges.ts";

/** A vertex of the graph: it may start when all of `needs` are done. */
export interface Dependency {
  id: string;
  needs: readonly string[];
  /** Expected work, in any unit that all share; 0 or more. Default 1. */
  weight?: number;
}

/** Tasks by number, in the order in which they came, and who needs whom. */
export class TaskGraph {
  readonly ids: string[] = [];
  readonly weights: number[] = [];
  readonly needs = new Edges();
  readonly dependents = new Edges();
  readonly #numbers = new Map<string, number>();

  /** @throws GodelError PLAN_INVALID on an id that is there twice, a need that no task has, and a weight below 0 */
  constructor(dependencies: readonly Dependency[]) {
    this.add(dependencies);
  }

  get size(): number {
    return this.ids.length;
  }

  get edges(): number {
    return this.needs.length;
  }

  /** The number of a task; undefined of none. */
  find(id: string): number | undefined {
    return this.#numbers.get(id);
  }

  idOf(task: number): string {
    return this.ids[task] ?? "";
  }

  weightOf(task: number): number {
    return this.weights[task] ?? 0;
  }

  /** Whole or not at all. @throws GodelError PLAN_INVALID as the constructor */
  add(dependencies: readonly Dependency[]): void {
    const before = this.mark();
    try {
      for (const dependency of dependencies) this.#addTask(dependency);
      this.#cover();
      for (const { id, needs } of dependencies) for (const need of needs) this.link(id, need);
    } catch (error) {
      this.backTo(before);
      throw error;
    }
  }

  /** From now on `id` needs `need`. @throws GodelError PLAN_INVALID on a task that is not there */
  link(id: string, need: string): void {
    const [from, to] = [this.#numbers.get(id), this.#numbers.get(need)];
    if (from === undefined) throw new GodelError("PLAN_INVALID", `there is no task "${id}".`);
    if (to === undefined) throw new GodelError("PLAN_INVALID", `task "${id}" needs "${need}", which no task has.`);
    this.needs.link(from, to);
    this.dependents.link(to, from);
  }

  mark(): { tasks: number; edges: number } {
    return { tasks: this.size, edges: this.edges };
  }

  /** As it was at `mark`. */
  backTo({ tasks, edges }: { tasks: number; edges: number }): void {
    for (const id of this.ids.splice(tasks)) this.#numbers.delete(id);
    this.weights.length = tasks;
    if (this.edges === edges) return;
    this.needs.cutTo(edges);
    this.dependents.cutTo(edges);
  }

  #addTask({ id, weight = 1 }: Dependency): void {
    if (this.#numbers.has(id)) throw new GodelError("PLAN_INVALID", `there are two tasks "${id}".`);
    if (!(weight >= 0)) throw new GodelError("PLAN_INVALID", `task "${id}" has the weight ${weight}.`);
    this.#numbers.set(id, this.ids.length);
    this.ids.push(id);
    this.weights.push(weight);
  }

  #cover(): void {
    this.needs.cover(this.size);
    this.dependents.cover(this.size);
  }
}
