import { join } from "node:path";
import { packageRepository } from "../scripts/package-repository.ts";
import { affinityOf } from "../src/federation/decomposing/affinity.ts";
import { planByFiles, weightOf } from "../src/federation/decomposing/by-files.ts";
import { shard } from "../src/federation/decomposing/shard.ts";
import { present } from "../src/lib/assert.ts";
import { systemClock } from "../src/lib/clock.ts";
import type { RepoMap } from "../src/model/repo-map.ts";
import { Workspaces } from "../src/workspace/index.ts";
import { madeUpRepository } from "./decompose/made-up-repository.ts";
import { byCount, cutOf, imbalanceOf, sideBySide } from "./decompose/measure.ts";
import { type Bench, type Figure, inScratch } from "./harness.ts";

const packages = ["lodash", "yaml", "fastify"];
const agents = 5;
const shards = 3 * agents;

/** How long it takes to map a repository and to split work over its files, and how good the split is. */
export const bench: Bench = {
  name: "decompose",
  about: "mapping a repository and splitting work over its files, beside chunks of equally many files",
  run: ({ quick, seed }) =>
    inScratch(async (folder) => {
      const workspaces = new Workspaces({ root: join(folder, "work"), clock: systemClock });
      try {
        const sizes = quick ? [1_000] : [10_000, 100_000];
        const figures: Figure[] = [];
        for (const size of sizes) figures.push(...(await largeFigures(workspaces, folder, size, seed)));
        for (const name of packages) figures.push(...(await packageFigures(workspaces, folder, name)));
        return figures;
      } finally {
        await workspaces.close();
      }
    }),
};

async function largeFigures(workspaces: Workspaces, folder: string, size: number, seed: number): Promise<Figure[]> {
  const repo = join(folder, `made-up-${size}`);
  madeUpRepository(repo, size, seed);
  const files = `${size.toLocaleString("en-US")} files`;
  const all = { globs: ["**/*.js"], max: size };
  const [map, mapMs] = await timed(() => workspaces.map(repo, all));
  const [, againMs] = await timed(() => workspaces.map(repo, all));
  const [, planMs] = await timed(async () => planByFiles({ task: "Use const", parallelism: agents, map }));
  const rss = process.memoryUsage.rss() / 2 ** 20;
  const limit = size > 10_000 ? 10_000 : 3_000;
  return [
    figure(
      `map and plan by files: ${files}`,
      mapMs + planMs,
      "ms",
      { below: limit },
      { "map alone": mapMs, "map kept from before": againMs },
    ),
    figure(`memory of the process after it: ${files}`, rss, "MiB", { below: 1_024 }, {}),
  ];
}

async function packageFigures(workspaces: Workspaces, folder: string, name: string): Promise<Figure[]> {
  const repo = join(folder, name);
  packageRepository(name, repo);
  const map = await workspaces.map(repo, { globs: ["**/*.js", "**/*.ts"], max: 100_000 });
  return splitFigures(name, map);
}

function splitFigures(name: string, map: RepoMap): Figure[] {
  const weights = map.files.map(({ bytes }) => weightOf(bytes));
  const affinity = affinityOf(map);
  const ours = shard(weights, affinity, shards);
  const theirs = byCount(weights.length, ours.length);
  const what = `${name}, ${map.files.length} files in ${ours.length} tasks`;
  const beside = (of: (split: number[][]) => number) => ({ "by count": of(theirs) });
  const imbalance = (split: number[][]) => imbalanceOf(split, weights);
  const cut = (split: number[][]) => cutOf(split, affinity);
  const wide = (split: number[][]) => sideBySide(split, weights, agents);
  return [
    figure(`heaviest task over lightest: ${what}`, imbalance(ours), "times", { below: 1.5 }, beside(imbalance)),
    figure(
      `ties cut between tasks: ${what}`,
      100 * cut(ours),
      "%",
      null,
      beside((split) => 100 * cut(split)),
    ),
    figure(`work done side by side by ${agents} agents: ${what}`, wide(ours), "agents", null, beside(wide)),
  ];
}

function figure(name: string, value: number, unit: string, aim: Figure["aim"], beside: Record<string, number>): Figure {
  return {
    name,
    value,
    unit,
    aim,
    beside: Object.entries(beside).map(([each, other]) => ({ name: each, value: other })),
  };
}

async function timed<T>(work: () => Promise<T>): Promise<[T, number]> {
  const start = performance.now();
  const result = await work();
  return [present(result, "a result"), performance.now() - start];
}
