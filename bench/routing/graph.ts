import { DirectedGraph } from "graphology";
import { topologicalSort } from "graphology-dag";
import * as toposort from "toposort";
import { DependencyResolver } from "../../src/federation/dependency-resolver.ts";
import type { Dependency } from "../../src/federation/resolving/graph.ts";
import { type Random, seededRandom } from "../../src/lib/random.ts";
import { type BenchOptions, type Figure, median } from "../harness.ts";

const resolver = new DependencyResolver();
const tasks = 10_000;
const agents = 50;

/** A plan of 10,000 tasks and 30,000 needs: resolved, scheduled, and carried out; and how good schedules are. */
export function graphFigures(options: BenchOptions): Figure[] {
  const graph = drawGraph(seededRandom(options.seed), { count: tasks, needs: 3, reach: 500 });
  const rounds = options.quick ? 7 : 31;
  return [
    {
      name: "10k tasks, 30k needs: plan and schedule",
      value: medianMs(rounds, () => resolver.resolve(graph).schedule(agents)),
      unit: "ms",
      aim: { below: 15 },
      beside: [
        { name: "graphology-dag, the order alone", value: medianMs(Math.ceil(rounds / 3), () => byGraphology(graph)) },
        { name: "toposort, the order alone", value: medianMs(Math.ceil(rounds / 3), () => byToposort(graph)) },
      ],
    },
    {
      name: "10k completions, each",
      value: median(Array.from({ length: rounds }, () => completionUs(graph))),
      unit: "µs",
      aim: { below: 5 },
      beside: [],
    },
    makespans(options),
  ];
}

/** Each task needs `needs` of the `reach` tasks before it: a short reach makes long chains, a long one wide plans. */
function drawGraph(
  random: Random,
  { count, needs, reach }: { count: number; needs: number; reach: number },
): Dependency[] {
  return Array.from({ length: count }, (_, i) => {
    const before = Array.from({ length: needs }, () => i - 1 - Math.floor(random.next() * Math.min(i, reach)));
    const ids = new Set(before.filter((at) => at >= 0).map((at) => `task-${at}`));
    return { id: `task-${i}`, needs: [...ids], weight: 1 + 9 * random.next() };
  });
}

function byGraphology(graph: readonly Dependency[]): void {
  const directed = new DirectedGraph();
  for (const { id } of graph) directed.addNode(id);
  for (const { id, needs } of graph) for (const need of needs) directed.addEdge(need, id);
  topologicalSort(directed);
}

function byToposort(graph: readonly Dependency[]): void {
  const edges = graph.flatMap(({ id, needs }) => needs.map((need): [string, string] => [need, id]));
  toposort.array(
    graph.map(({ id }) => id),
    edges,
  );
}

function completionUs(graph: readonly Dependency[]): number {
  const run = resolver.resolve(graph).begin();
  const start = performance.now();
  for (let id = run.next(); id !== null; id = run.next()) run.complete(id);
  return ((performance.now() - start) * 1e3) / graph.length;
}

/** From long chains to wide plans, for two to twenty agents. */
function makespans({ seed, quick }: BenchOptions): Figure {
  const random = seededRandom(seed);
  const ratios = Array.from({ length: quick ? 50 : 500 }, () => {
    const between = (low: number, high: number) => low + Math.floor(random.next() * (high - low));
    const graph = drawGraph(random, { count: between(50, 250), needs: between(1, 4), reach: between(10, 250) });
    const m = between(2, 21);
    const plan = resolver.resolve(graph);
    const { makespan, lowerBound } = plan.schedule(m);
    const weights = new Map(graph.map(({ id, weight = 1 }) => [id, weight]));
    const barred = plan.levels.reduce(
      (sum, level) =>
        sum +
        levelTime(
          level.map((id) => weights.get(id) ?? 1),
          m,
        ),
      0,
    );
    return { own: makespan / lowerBound, barred: barred / lowerBound };
  });
  return {
    name: "makespan over the lower bound, random graphs",
    value: median(ratios.map(({ own }) => own)),
    unit: "",
    aim: { below: 1.15 },
    beside: [{ name: "level barriers", value: median(ratios.map(({ barred }) => barred)) }],
  };
}

/** How long `m` agents take for one level, the longest first. */
function levelTime(weights: number[], m: number): number {
  const ends = new Array<number>(m).fill(0);
  for (const weight of weights.sort((a, b) => b - a)) {
    const least = ends.indexOf(Math.min(...ends));
    ends[least] = (ends[least] ?? 0) + weight;
  }
  return Math.max(...ends);
}

function medianMs(rounds: number, operation: () => void): number {
  return median(
    Array.from({ length: rounds }, () => {
      const start = performance.now();
      operation();
      return performance.now() - start;
    }),
  );
}
