import { equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { LearntRate } from "./learnt-rate.ts";

/** Sends at the rate that is known until `until`, and has all let in. Returns when the next is due. */
function goWell(rate: LearntRate, from: number, until: number): number {
  let at = from;
  for (; at < until; at += 60_000 / (rate.perMinute ?? 1)) rate.accepted(at);
  return at;
}

test("the first 429 gives what went out as a guess, which doubles every three seconds until the second", () => {
  const rate = new LearntRate();
  equal(rate.perMinute, null);
  rate.refused(0, 3);
  equal(rate.perMinute, 10);
  goWell(rate, 0, 30_000);
  ok((rate.perMinute ?? 0) > 1_000, `${rate.perMinute}`);
});

test("a later 429 lowers it to what was let in since the one before: by half at most, by a twentieth at least", () => {
  const [measured, idle, stray] = [new LearntRate(), new LearntRate(), new LearntRate()];
  for (const rate of [measured, idle, stray]) {
    rate.refused(0, 100);
    goWell(rate, 0, 6_000);
    rate.refused(6_000, 500);
  }
  const before = measured.perMinute ?? 0;
  for (let i = 0; i < before * 0.7; i++) measured.accepted(6_000 + i);
  measured.refused(66_000, 0);
  ok(Math.abs((measured.perMinute ?? 0) / before - 0.7) < 0.01, `${measured.perMinute} of ${before}`);
  idle.refused(66_000, 0);
  equal(idle.perMinute, before / 2);
  const at = goWell(stray, 6_000, 66_000);
  const grown = stray.perMinute ?? 0;
  ok(grown > before);
  stray.refused(at, 0);
  ok((stray.perMinute ?? 0) > before && (stray.perMinute ?? 0) <= 0.95 * grown, `${stray.perMinute} of ${grown}`);
});
