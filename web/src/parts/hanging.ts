/** What stands in the way of a task, and what waits for it. */
import type { TaskSummary } from "../../../src/api/wire.ts";

const over = new Set(["done", "cancelled", "skipped", "failed"]);

export interface Hanging {
  /** Open tasks that it waits for, near or far. */
  blockers: Set<string>;
  /** Of these the ones that are not done although nothing stands before them: where one has to look. */
  roots: TaskSummary[];
  /** Tasks that wait for it, near or far. */
  waiting: Set<string>;
  /** All before and behind it, whatever became of them. */
  related: Set<string>;
}

/** O(tasks + needs) */
export function hangingOn(tasks: readonly TaskSummary[], key: string): Hanging {
  const byKey = new Map(tasks.map((task) => [task.key, task]));
  const openNeeds = (task: TaskSummary) => task.needs.filter((need) => byKey.get(need)?.state !== "done");
  const dependents = new Map<string, string[]>();
  for (const task of tasks) {
    for (const need of task.needs) dependents.set(need, [...(dependents.get(need) ?? []), task.key]);
  }
  const blockers = reach(key, (each) => {
    const task = byKey.get(each);
    return task ? openNeeds(task) : [];
  });
  const waiting = reach(key, (each) => dependents.get(each) ?? []);
  const before = reach(key, (each) => byKey.get(each)?.needs ?? []);
  const related = new Set([...before, ...waiting]);
  for (const each of waiting) if (over.has(byKey.get(each)?.state ?? "")) waiting.delete(each);
  const roots = [...blockers].flatMap((each) => byKey.get(each) ?? []).filter((task) => openNeeds(task).length === 0);
  return { blockers, roots, waiting, related };
}

function reach(from: string, next: (key: string) => readonly string[]): Set<string> {
  const seen = new Set<string>(next(from));
  for (const key of seen) for (const other of next(key)) seen.add(other);
  seen.delete(from);
  return seen;
}
