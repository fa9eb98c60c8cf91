import fc from "../../lib/properties.testing.ts";
import type { Dependency } from "./graph.ts";

/** Graphs of up to `most` tasks without a cycle, in an order of their own: needs may come after those that need them. */
export function graphs(most: number): fc.Arbitrary<Dependency[]> {
  const row = fc.tuple(fc.integer({ min: 0, max: 9 }), fc.array(fc.nat(most - 1), { maxLength: 3 }));
  const tasks = fc.array(row, { minLength: 1, maxLength: most }).map((rows) =>
    rows.map(([weight, picks], i) => ({
      id: `t${i}`,
      weight,
      needs: [...new Set(picks.filter((need) => need < i))].map((need) => `t${need}`),
    })),
  );
  return tasks.chain((made) => fc.shuffledSubarray(made, { minLength: made.length, maxLength: made.length }));
}

/** The most work on a path to the end of each task, by the definition: for comparing. */
export function pathsTo(tasks: readonly Dependency[]): Map<string, number> {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const known = new Map<string, number>();
  const pathTo = (id: string): number => {
    const { needs = [], weight = 1 } = byId.get(id) ?? {};
    const path = known.get(id) ?? weight + Math.max(0, ...needs.map(pathTo));
    known.set(id, path);
    return path;
  };
  for (const { id } of tasks) pathTo(id);
  return known;
}
