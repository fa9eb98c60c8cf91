import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "../lib/random.ts";
import type { PreferredCost } from "../model/preferred-cost.ts";
import { beta } from "./beta.ts";
import { type CascadeRequest, chooseTier, meanChance, type Records, recorded, recordKey } from "./cascade.ts";

const tiers = [
  { name: "cheap", model: "a/cheap", costUsd: 0.01 },
  { name: "middle", model: "a/middle", costUsd: 0.1 },
  { name: "best", model: "a/best", costUsd: 1 },
];
const request: CascadeRequest = { tiers, skill: "", failed: [], leftUsd: Number.POSITIVE_INFINITY };

/** As often as each tier is chosen, of a hundred times. */
function shares(records: Records, given: Partial<CascadeRequest> = {}): number[] {
  const random = seededRandom(1);
  const counts = [0, 0, 0];
  for (let i = 0; i < 100; i++) {
    const { tier } = chooseTier({ ...request, ...given }, { at: 0, random, records });
    counts[tier] = (counts[tier] ?? 0) + 1;
  }
  return counts;
}

/** Records in which each tier has passed a share of a hundred. */
function known(chances: Record<string, number>, retried = false): Records {
  return Object.fromEntries(
    Object.entries(chances).map(([tier, chance]) => {
      return [recordKey(tier, "", retried), { passed: 100 * chance, failed: 100 * (1 - chance), at: 0 }];
    }),
  );
}

test("a task starts on the cheapest tier that is worth its failures", () => {
  const all = { cheap: 0.6, middle: 0.7, best: 0.9 };
  equal(shares({ ...known(all), ...known(all, true) })[0], 100);
  const useless = { ...known({ cheap: 0, middle: 0.9 }), ...known({ middle: 0.9, best: 0.9 }, true) };
  const dear = [{ name: "cheap", model: "a/cheap", costUsd: 0.09 }, ...tiers.slice(1)];
  ok((shares(useless, { tiers: dear })[1] ?? 0) > 90, "a tenth off the price is not worth a try that fails");
});

test("a low preferred cost tries cheap tiers at lower chances, and a high one the best at once", () => {
  const pair = [
    { name: "cheap", model: "a/cheap", costUsd: 0.5 },
    { name: "best", model: "a/best", costUsd: 1 },
  ];
  const records = { ...known({ cheap: 0.3, best: 0.9 }), ...known({ cheap: 0.3, best: 0.9 }, true) };
  const by = (preferredCost: PreferredCost) => shares(records, { tiers: pair, preferredCost })[0] ?? 0;
  equal(by("low"), 100);
  ok(by("medium") < 10, "a try that fails seven times in ten is not worth half the price");
  equal(by("high"), 0);
  const unknown = (preferredCost: PreferredCost) => shares({}, { tiers: pair, preferredCost })[0] ?? 0;
  ok(unknown("low") > unknown("medium"));
  deepEqual(shares({}, { preferredCost: "high", leftUsd: 0.5 }), [0, 100, 0], "never above what is left");
});

test("after a failed gate only tiers above are tried, and the last again", () => {
  equal(shares({}, { failed: [0] })[0], 0);
  deepEqual(shares({}, { failed: [0, 1] }), [0, 0, 100]);
  deepEqual(shares({}, { failed: [2] }), [0, 0, 100]);
});

test("one that hardly helps after a failure is skipped on the way up", () => {
  const records = known({ middle: 0.02, best: 0.8 }, true);
  ok((shares(records, { failed: [0] })[2] ?? 0) > 80);
});

test("what the task cannot pay is not chosen while something else is there", () => {
  deepEqual(shares(known({ cheap: 0, middle: 0 }), { leftUsd: 0.5 })[2], 0);
  deepEqual(shares({}, { leftUsd: 0 }), [100, 0, 0]);
});

test("outcomes lose half of their weight with their half-life, and are kept apart by skill and by whether others failed", () => {
  const day = 86_400_000;
  const one = { tier: "cheap", skill: "sql", retried: false, passed: true };
  let records: Records = recorded({}, one, { at: 0 });
  records = recorded(records, { ...one, passed: false }, { at: 7 * day });
  deepEqual(records, { "cheap sql first": { passed: 0.5, failed: 1, at: 7 * day } });
  const knownOf = (retried: boolean) => (records as Records)[recordKey("cheap", "sql", retried)];
  equal(meanChance(knownOf(false), 7 * day), 1.5 / 3.5);
  equal(meanChance(knownOf(true), 0), 0.5);
});

test("the same seed chooses the same", () => {
  deepEqual(shares({}), shares({}));
});

test("draws of beta have its mean and its spread", () => {
  const random = seededRandom(7);
  const draws = Array.from({ length: 20_000 }, () => beta(random, 3, 7));
  const mean = draws.reduce((sum, x) => sum + x, 0) / draws.length;
  const variance = draws.reduce((sum, x) => sum + (x - mean) ** 2, 0) / draws.length;
  ok(Math.abs(mean - 0.3) < 0.005, `${mean}`);
  ok(Math.abs(variance - 0.21 / 11) < 0.001, `${variance}`);
});
