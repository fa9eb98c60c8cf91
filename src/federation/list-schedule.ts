import TinyQueue from "tinyqueue";
import { type Dependency, DependencyResolver } from "./dependency-resolver.ts";

/** What would happen if each task took as long as its weight says. Times are in units of weight. */
export interface Schedule {
  /** When the last task ends. */
  makespan: number;
  /** When each task starts, by id. */
  starts: Map<string, number>;
}

/**
 * The schedule of `agents` equal agents, each of which takes the startable task with the most work behind it as soon as it
 * is free. At most 2 - 1/agents times as long as the best there is. O((tasks + needs) log tasks).
 *
 * Source: Graham, "Bounds on multiprocessing timing anomalies", 1969; priorities are the upward ranks of HEFT.
 * @throws GodelError PLAN_INVALID as `DependencyResolver`
 */
export function listSchedule(tasks: readonly Dependency[], agents: number): Schedule {
  const { rank } = new DependencyResolver().resolve(tasks);
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const open = new Map(tasks.map(({ id, needs }) => [id, needs.length]));
  const dependents = new Map<string, string[]>(tasks.map(({ id }) => [id, []]));
  for (const { id, needs } of tasks) for (const need of needs) dependents.get(need)?.push(id);

  const first = tasks.filter(({ needs }) => needs.length === 0).map(({ id }) => id);
  const ready = new TinyQueue(first, (a, b) => (rank.get(b) ?? 0) - (rank.get(a) ?? 0));
  const running = new TinyQueue<{ id: string; ends: number }>([], (a, b) => a.ends - b.ends);
  const starts = new Map<string, number>();
  let now = 0;
  while (ready.length > 0 || running.length > 0) {
    while (running.length < agents && ready.length > 0) {
      const id = ready.pop() ?? "";
      starts.set(id, now);
      running.push({ id, ends: now + (byId.get(id)?.weight ?? 1) });
    }
    const next = running.pop();
    if (!next) break;
    now = next.ends;
    for (const dependent of dependents.get(next.id) ?? []) {
      const left = (open.get(dependent) ?? 0) - 1;
      open.set(dependent, left);
      if (left === 0) ready.push(dependent);
    }
  }
  return { makespan: now, starts };
}
