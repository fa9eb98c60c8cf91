import type { Plan } from "../../model/plan.ts";
import { DependencyResolver } from "../dependency-resolver.ts";

/** Ids of the tasks on a chain with the most work, first to last: however many agents there are, these take their time. */
export function criticalPath({ tasks }: Plan): string[] {
  const { rank } = new DependencyResolver().resolve(tasks);
  const rankOf = (id: string) => rank.get(id) ?? 0;
  const dependents = new Map<string, string[]>();
  for (const { id, needs } of tasks)
    for (const need of needs) dependents.set(need, [...(dependents.get(need) ?? []), id]);
  const path: string[] = [];
  let next: readonly string[] = tasks.map(({ id }) => id);
  while (next.length > 0) {
    const longest = next.reduce((best, id) => (rankOf(id) > rankOf(best) ? id : best));
    path.push(longest);
    next = dependents.get(longest) ?? [];
  }
  return path;
}
