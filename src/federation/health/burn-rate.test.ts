import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "../../lib/random.ts";
import { type BurnLimits, lookAtBurn, newBurn } from "./burn-rate.ts";

const limits: BurnLimits = { kind: "token-burn", threshold: 10, capPerMinute: Number.POSITIVE_INFINITY };

/** The bins, counted from 1, in which a change was reported. */
function changes(amounts: readonly number[]): number[] {
  const burn = newBurn(0);
  return amounts.flatMap((amount, i) => (lookAtBurn(burn, { at: i * 10_000, amount }, limits) ? [i + 1] : []));
}

test("a steady rate with noise is no change", () => {
  const random = seededRandom(1);
  deepEqual(changes(Array.from({ length: 1_000 }, () => 50 + 100 * random.next())), []);
});

test("ten times the rate is a change within half a minute", () => {
  const [first] = changes([...Array(20).fill(100), ...Array(10).fill(1_000)]);
  ok(first !== undefined && first > 21 && first <= 24, `in bin ${first}`);
});

test("a cap is passed by what was used in the last minute, and not by the same amount over two", () => {
  const capped = { ...limits, capPerMinute: 1_000 };
  const burn = newBurn(0);
  for (let i = 0; i < 12; i++) equal(lookAtBurn(burn, { at: i * 10_000, amount: 160 }, capped), null);
  equal(lookAtBurn(burn, { at: 120_000, amount: 300 }, capped)?.over, true);
});
