import { deepEqual, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "../../lib/random.ts";
import { type Advice, noAdvice } from "./advice.ts";
import { Limit, type Need } from "./limit.ts";
import { untold } from "./limit-options.ts";

const need: Need = { requests: 1, tokens: 100, inputTokens: 80, outputTokens: 20 };
const inSeconds = (seconds: number): Advice => ({ retryAfterMs: seconds * 1_000, quotas: new Map() });

function limitOf(told: Partial<typeof untold> = {}): Limit {
  return new Limit("acme", { ...untold, ...told }, seededRandom(1));
}

test("a 429 parks everyone for as long as it says; then one proves it, and the others follow at the pace", () => {
  const limit = limitOf({ requestsPerMinute: 60 });
  const [first, second] = [limit.take(0, need), limit.take(0, need)];
  limit.accepted(first, noAdvice, 10);
  limit.limited(second, inSeconds(30), 20);
  limit.done(second);
  // Whoever still waited for money with a turn from before goes back into the line.
  equal(limit.isStale(second), true);
  equal(limit.readyAt(30, need), 30_020);
  deepEqual(limit.parkedAt(30), { until: 30_020, why: "acme said 429" });
  const probe = limit.take(30_020, need);
  equal(limit.isStale(probe), false);
  equal(limit.readyAt(30_020, need), Number.POSITIVE_INFINITY);
  match(limit.why(30_020, need), /the first request after the limit/);
  limit.accepted(probe, noAdvice, 30_100);
  equal(limit.readyAt(30_100, need), 31_020); // one a second
});

test("a second 429 of the same burst is the same wall: it lengthens the wait and lowers no rate twice", () => {
  const limit = limitOf();
  const sent = Array.from({ length: 20 }, (_, i) => limit.take(i * 100, need));
  for (const ticket of sent.slice(0, 15)) limit.accepted(ticket, noAdvice, 2_000);
  for (const ticket of sent.slice(15)) limit.limited(ticket, inSeconds(1), 2_100);
  equal(limit.readyAt(2_200, need), 3_100);
  match(limit.why(3_099, need), /said 429/);
  const probe = limit.take(3_100, need);
  limit.accepted(probe, noAdvice, 3_200);
  // 20 less the five that were refused, less none again: some 19 a minute at the first 429.
  const gap = limit.readyAt(3_200, need) - 3_100;
  ok(gap > 2_900 && gap < 4_100, `${gap} ms`);
});

test("the provider's word replaces the start's caution, and the user's is not exceeded", () => {
  const limit = limitOf({ requestsPerMinute: 10 });
  const quotas: Advice["quotas"] = new Map([["requests", { limit: 500, remaining: 499, resetMs: null }]]);
  const sent = Array.from({ length: 10 }, () => limit.take(0, need));
  for (const ticket of sent) limit.accepted(ticket, { retryAfterMs: null, quotas }, 0);
  ok(limit.readyAt(0, need) >= 60_000);
  match(limit.why(0, need), /10 requests a minute of acme/);
});

test("tokens count with what a request took, once that is known", () => {
  const limit = limitOf({ tokensPerMinute: 1_000 });
  const big = limit.take(0, { ...need, tokens: 950 });
  limit.accepted(big, noAdvice, 0);
  ok(limit.readyAt(100, need) >= 60_000);
  limit.done(big, { tokens: 200 });
  equal(limit.readyAt(100, need), 100);
});

test("an overload halves what is under way, once for all that meet it, and it grows again", () => {
  const limit = limitOf({ concurrency: 16 });
  const sent = Array.from({ length: 16 }, () => limit.take(0, need));
  equal(limit.readyAt(0, need), Number.POSITIVE_INFINITY);
  for (const ticket of sent) {
    limit.overloaded(noAdvice, 100);
    limit.done(ticket);
  }
  const again = Array.from({ length: 8 }, () => limit.take(1_000, need));
  match(limit.why(1_000, need), /8 requests at once/);
  for (const ticket of again) limit.accepted(ticket, noAdvice, 1_100);
  for (const ticket of again) limit.done(ticket);
  for (let i = 0; i < 8; i++) {
    const ticket = limit.take(2_000, need);
    limit.accepted(ticket, noAdvice, 2_000);
    limit.done(ticket);
  }
  for (let i = 0; i < 8; i++) limit.take(3_000, need);
  equal(limit.readyAt(3_000, need), 3_000);
});

test("a request that was never sent takes nothing, and frees the place of the one that proves", () => {
  const limit = limitOf({ requestsPerMinute: 1 });
  const refused = limit.take(0, need);
  limit.limited(refused, inSeconds(1), 0);
  limit.done(refused);
  const probe = limit.take(1_000, need);
  limit.done(probe, { requests: 0, tokens: 0, inputTokens: 0, outputTokens: 0 });
  ok(Number.isFinite(limit.readyAt(1_000, need)));
});

test("shows what went out in the last minute against what may, and what it has learnt", () => {
  const limit = limitOf({ requestsPerMinute: 60 });
  limit.take(0, need);
  const { learntPerMinute, limits } = limit.shown(1_000);
  equal(learntPerMinute, null);
  deepEqual(limits[0], { name: "requests a minute of acme", used: 1, limit: 60 });
  deepEqual(limits[1], { name: "tokens a minute of acme", used: 100, limit: null });
  equal(limit.shown(120_000).limits.length, 1);
});
