import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import fc from "../../lib/properties.testing.ts";
import { ConsistentHashStrategy } from "./consistent-hash.ts";
import { strategyContract } from "./contract.ts";
import { LeastConnectionsStrategy } from "./least-connections.ts";
import { PeakEwmaStrategy } from "./peak-ewma.ts";
import { OwnedPool } from "./pool.testing.ts";
import type { Slot, Traits } from "./pool.ts";
import { PowerOfTwoStrategy } from "./power-of-two.ts";
import { RoundRobinStrategy } from "./round-robin.ts";
import { WeightedStrategy } from "./weighted.ts";

strategyContract("round-robin", () => new RoundRobinStrategy());
strategyContract("least-connections", () => new LeastConnectionsStrategy());
strategyContract("power-of-two", () => new PowerOfTwoStrategy());
strategyContract("weighted", () => new WeightedStrategy());
strategyContract("consistent-hash by rendezvous", () => new ConsistentHashStrategy());
strategyContract("consistent-hash by ring", () => new ConsistentHashStrategy({ rendezvousUpTo: 0 }));
strategyContract("peak-ewma", () => new PeakEwmaStrategy());

test("round-robin gives each its turn before any has a second", () => {
  const owned = new OwnedPool(new RoundRobinStrategy()).addMany(100);
  owned.setUsable(40, false);
  const rounds = Array.from({ length: 198 }, () => owned.take());
  const expected = Array.from({ length: 100 }, (_, slot) => slot).filter((slot) => slot !== 40);
  deepEqual(rounds, [...expected, ...expected]);
});

test("round-robin passes one in slow start over in proportion, and takes it if there is no other", () => {
  const owned = new OwnedPool(new RoundRobinStrategy()).addMany(2);
  owned.pool.weight[1] = 0.1;
  const [, light = 0] = owned.countTakes(1_000);
  ok(light > 40 && light < 160, `${light} of 1000`);
  owned.setUsable(0, false);
  equal(owned.take(), 1);
});

test("least-connections takes a least loaded one at every pick, so that equals never differ by more than 1 as they fill", () => {
  const actions = fc.array(fc.oneof(fc.constant(-1), fc.nat({ max: 50 })), { maxLength: 200, size: "max" });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), actions, (count, all) => {
      const owned = new OwnedPool(new LeastConnectionsStrategy()).addMany(count);
      const held: Slot[] = [];
      for (const action of all) {
        const [slot] = action < 0 ? [] : held.splice(action, 1);
        if (slot !== undefined) owned.release(slot);
        else {
          const least = Math.min(...owned.pool.active.slice(0, count));
          const taken = owned.take();
          equal(owned.pool.active[taken], least + 1);
          held.push(taken);
        }
      }
      const filled = new OwnedPool(new LeastConnectionsStrategy()).addMany(count);
      for (let i = 0; i < all.length; i++) filled.take();
      const active = filled.pool.active.slice(0, count);
      ok(Math.max(...active) - Math.min(...active) <= 1);
    }),
  );
});

test("weighted shares are met up to a difference that does not grow with the picks, and nobody's is nothing", () => {
  const trait = fc.record({
    costUsd: fc.double({ min: 0, max: 100, noNaN: true }),
    speed: fc.double({ min: 0, max: 100, noNaN: true }),
    reliability: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(
      fc.array(trait, { minLength: 1, maxLength: 20, size: "max" }),
      fc.integer({ min: 1, max: 2_000 }),
      (traits, picks) => {
        const strategy = new WeightedStrategy();
        const owned = new OwnedPool(strategy);
        for (const [i, each] of traits.entries()) owned.add(`a${i}`, 1_000_000, each);
        const counts = owned.countTakes(picks);
        const scores = traits.map((each) => strategy.score(each));
        const sum = scores.reduce((a, b) => a + b, 0);
        for (const [i, score] of scores.entries()) {
          const share = score / sum;
          // Each is at most one turn off in virtual time, and so may all be that virtual time is reckoned from.
          const off = Math.abs((counts[i] ?? 0) - picks * share);
          ok(score > 0 && off <= 1 + share * traits.length, `${counts[i]} for ${picks * share}`);
        }
      },
    ),
  );
});

test("weighted prefers the fast, the cheap and the reliable, each by its weight, on scales that others do not move", () => {
  const only = (weights: object) =>
    new WeightedStrategy({ weights: { speed: 0, cost: 0, reliability: 0, ...weights } });
  const better: [object, Traits, Traits][] = [
    [{ speed: 1 }, { speed: 2 }, { speed: 1 }],
    [{ cost: 1 }, { costUsd: 0.1 }, { costUsd: 1 }],
    [{ reliability: 1 }, { reliability: 0.9 }, { reliability: 0.5 }],
  ];
  for (const [weights, good, bad] of better) ok(only(weights).score(good) > only(weights).score(bad));
  equal(only({ speed: 1 }).score({}), 0.5, "the unknown is middling");
  equal(only({ reliability: 1 }).score({ reliability: 0 }), 0.02, "the worst is still tried");
});

test("weighted owes nothing for the time that one was away", () => {
  const owned = new OwnedPool(new WeightedStrategy()).addMany(2);
  owned.setUsable(0, false);
  owned.countTakes(100);
  owned.setUsable(0, true);
  const [back = 0, other = 0] = owned.countTakes(10);
  ok(back <= 6 && other >= 4, `${back} to ${other}`);
});

test("weighted refuses an unknown weight with the nearest name, and weights that are all 0", () => {
  throws(() => new WeightedStrategy({ weights: { sped: 1 } as object }), {
    code: "OPTION_UNKNOWN",
    message: /"speed"/,
  });
  throws(() => new WeightedStrategy({ weights: { speed: 0, cost: 0, reliability: 0 } }), { code: "OPTION_RANGE" });
});

const sessions = Array.from({ length: 4_000 }, (_, i) => `session-${i}`);

/** Whom each session meets while nothing is held. */
function homes(owned: OwnedPool): string[] {
  return sessions.map((session) => {
    const slot = owned.take(session);
    owned.release(slot);
    return owned.pool.ids[slot] ?? "";
  });
}

for (const [name, count] of [
  ["rendezvous", 50],
  ["a ring", 2_000],
] as const) {
  test(`${name} moves a session only from one that left or to one that came, and at most 2/n of them`, () => {
    const owned = new OwnedPool(new ConsistentHashStrategy()).addMany(count);
    const before = homes(owned);
    for (const slot of [7, 8]) owned.remove(slot);
    const without = homes(owned);
    for (const [i, home] of before.entries()) ok(without[i] === home || home === "agent-7" || home === "agent-8");
    owned.add("newcomer");
    const after = homes(owned);
    for (const [i, home] of after.entries()) ok(home === without[i] || home === "newcomer");
    const moved = after.filter((home, i) => home !== without[i]).length;
    ok(moved <= (2 * sessions.length) / count, `${moved} moved`);
  });
}

test("consistent-hash depends on who is there, and not on the order in which they came", () => {
  for (const rendezvousUpTo of [1_024, 0]) {
    const make = () => new OwnedPool(new ConsistentHashStrategy({ rendezvousUpTo }));
    const owned = make().addMany(200);
    homes(owned);
    owned.remove(7);
    const reversed = make();
    for (let i = 199; i >= 0; i--) if (i !== 7) reversed.add(`agent-${i}`);
    deepEqual(homes(reversed), homes(owned));
  }
});

for (const rendezvousUpTo of [1_024, 0]) {
  test(`consistent-hash holds everyone to 1.25 times the mean under ${rendezvousUpTo ? "rendezvous" : "a ring"}, one hot session or many`, () => {
    const owned = new OwnedPool(new ConsistentHashStrategy({ rendezvousUpTo })).addMany(40);
    for (let i = 0; i < 4_000; i++) {
      const slot = owned.take(i % 2 === 0 ? "hot" : `session-${i}`);
      ok((owned.pool.active[slot] ?? 0) <= Math.ceil((1.25 * owned.pool.load) / 40));
    }
  });
}

test("peak-ewma gives work to the faster endpoint, and tries the untried without sending it everything", () => {
  const owned = new OwnedPool(new PeakEwmaStrategy()).addMany(4);
  const latency = [10, 10, 100];
  for (const [slot, latencyMs] of latency.entries()) owned.strategy.observe?.(slot, { latencyMs, failed: false }, 0);
  const [fast = 0, , slow = 0, untried = 0] = owned.countTakes(1_000);
  ok(slow < fast / 10, `${slow} to the slow, ${fast} to a fast one`);
  ok(untried > 0 && untried < fast, `${untried} to the untried, ${fast} to a fast one`);
});

test("peak-ewma turns away from one that fails fast, and comes back as time passes", () => {
  const owned = new OwnedPool(new PeakEwmaStrategy()).addMany(2);
  const observe = (slot: Slot, latencyMs: number, failed: boolean, at: number) =>
    owned.strategy.observe?.(slot, { latencyMs, failed }, at);
  observe(0, 10, false, 0);
  observe(1, 10, false, 0);
  observe(1, 0.1, true, 1);
  deepEqual(owned.countTakes(100), [100, 0]);
  observe(1, 9, false, 60_000);
  deepEqual(owned.countTakes(100), [0, 100]);
});
