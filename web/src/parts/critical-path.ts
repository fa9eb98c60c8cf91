import type { TaskSummary } from "../../../src/api/wire.ts";

const over = new Set(["done", "cancelled", "skipped", "failed"]);

/** Keys on the longest chain of tasks that are still open; each counts the same. Needs come before what needs them. */
export function criticalPath(tasks: readonly TaskSummary[]): Set<string> {
  const byKey = new Map(tasks.map((task) => [task.key, task]));
  const lengths = new Map<string, number>();
  const before = new Map<string, string>();
  const lengthOf = (key: string): number => {
    const known = lengths.get(key);
    if (known !== undefined) return known;
    lengths.set(key, 0);
    const task = byKey.get(key);
    if (!task || over.has(task.state)) return 0;
    let longest = 0;
    for (const need of task.needs) {
      const length = lengthOf(need);
      if (length <= longest) continue;
      longest = length;
      before.set(key, need);
    }
    lengths.set(key, longest + 1);
    return longest + 1;
  };
  let end: string | undefined;
  for (const { key } of tasks) if (lengthOf(key) > (end === undefined ? 0 : lengthOf(end))) end = key;
  const path = new Set<string>();
  for (let key = end; key !== undefined; key = before.get(key)) path.add(key);
  return path;
}
