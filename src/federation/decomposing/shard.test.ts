import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "../../lib/properties.testing.ts";
import { affinityOf } from "./affinity.ts";
import { planByFiles } from "./by-files.ts";
import { mapOf } from "./repo-map.testing.ts";
import { maxImbalance, shard } from "./shard.ts";

const noTies = (count: number) => Array.from({ length: count }, () => new Map<number, number>());

function loadsOf(shards: readonly number[][], weights: readonly number[]): number[] {
  return shards.map((files) => files.reduce((sum, file) => sum + (weights[file] ?? 0), 0));
}

test("each file is in exactly one shard, and the heaviest shard is at most 1.5 times the lightest, whatever the files", () => {
  const weight = fc.oneof(fc.double({ min: 1, max: 3, noNaN: true }), fc.double({ min: 1, max: 500, noNaN: true }));
  fc.assert(
    fc.property(
      fc.array(weight, { minLength: 1, maxLength: 120 }),
      fc.array(fc.tuple(fc.nat(119), fc.nat(119)), { maxLength: 200 }),
      fc.integer({ min: 1, max: 40 }),
      (weights, pairs, count) => {
        const ties = noTies(weights.length);
        for (const [a, b] of pairs) {
          if (a === b || a >= weights.length || b >= weights.length) continue;
          ties[a]?.set(b, 1);
          ties[b]?.set(a, 1);
        }
        const shards = shard(weights, ties, count);
        deepEqual(
          shards.flat().sort((a, b) => a - b),
          [...weights.keys()],
        );
        ok(shards.length <= count);
        const loads = loadsOf(shards, weights);
        ok(Math.max(...loads) <= maxImbalance * Math.min(...loads) * (1 + 1e-9), `${loads}`);
      },
    ),
  );
});

test("equal files without ties are cut in their order", () => {
  deepEqual(shard([1, 1, 1, 1, 1, 1], noTies(6), 3), [
    [0, 1],
    [2, 3],
    [4, 5],
  ]);
});

test("relatives share a shard, wherever they lie in the tree", () => {
  // Two families whose files alternate.
  const files = Object.fromEntries(
    Array.from({ length: 20 }, (_, i) => [
      `f${String(i).padStart(2, "0")}.js`,
      i < 2 ? [] : [`f${String(i - 2).padStart(2, "0")}.js`],
    ]),
  );
  const map = mapOf(files);
  const shards = shard(
    map.files.map(() => 1),
    affinityOf(map),
    2,
  );
  deepEqual(
    shards.map((members) => new Set(members.map((file) => file % 2)).size),
    [1, 1],
  );
});

test("one giant file leaves fewer shards rather than uneven ones", () => {
  const weights = [100, ...Array.from({ length: 100 }, () => 1)];
  equal(shard(weights, noTies(101), 10).length, 2);
});

test("a plan by files has each file in one task, and tells its agent of these alone", () => {
  const map = mapOf({ "src/a.js": 100, "src/b.js": ["src/a.js"], "lib/x[1].js": 100, "lib/y.js": ["lib/x[1].js"] });
  const { tasks } = planByFiles({ task: "Use const", parallelism: 1, map: { ...map } });
  deepEqual(tasks.flatMap(({ files }) => files).sort(), ["lib/x\\[1\\].js", "lib/y.js", "src/a.js", "src/b.js"]);
  for (const { prompt, files } of tasks) {
    const list = files.map((file) => `- ${file.replaceAll("\\", "")}`).join("\n");
    ok(prompt.startsWith("Use const\n\nThe work is shared by 3 tasks."), prompt);
    ok(prompt.endsWith(`\n\n${list}`), prompt);
  }
});
