import { deepEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "../../lib/properties.testing.ts";
import { OwnedPool } from "./pool.testing.ts";
import type { Strategy } from "./strategy.ts";

type Step =
  | { do: "add"; capacity: number }
  | { do: "remove" | "release" | "toggle"; nth: number }
  | { do: "take"; session: string | undefined };

const nth = fc.nat({ max: 1_000 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant("add" as const), capacity: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("remove", "release", "toggle"), nth }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("take" as const),
      session: fc.option(fc.string({ maxLength: 3 }), { nil: undefined }),
    }),
  },
);
const steps = fc.array(step, { maxLength: 120, size: "max" });

/** The promises every strategy keeps. */
export function strategyContract(name: string, make: () => Strategy): void {
  test(`${name}: picks a free member whenever there is one, and never another, whatever comes, goes, fills or fails`, () => {
    fc.assert(fc.property(steps, (all) => void run(make(), 1, all)));
  });

  test(`${name}: picks the same for the same seed`, () => {
    fc.assert(fc.property(steps, fc.nat(), (all, seed) => deepEqual(run(make(), seed, all), run(make(), seed, all))));
  });

  test(`${name}: starves nobody and herds to nobody among identical members, busy or quiet`, () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 40 }), fc.nat(), (count, seed) => {
        const mean = 100;
        const quiet = new OwnedPool(make(), seed).addMany(count).countTakes(count * mean);
        ok(
          quiet.every((takes) => takes > mean / 4 && takes < mean * 2),
          `quiet: ${quiet}`,
        );

        const busy = new OwnedPool(make(), seed).addMany(count);
        for (let i = 0; i < count * mean; i++) busy.take(`session-${i}`);
        const held = [...busy.pool.active].slice(0, count);
        ok(
          held.every((takes) => takes > mean / 4 && takes < mean * 2),
          `busy: ${held}`,
        );
      }),
      { numRuns: 30 },
    );
  });

  test(`${name}: a burst on idle members of one place each takes every one of them once`, () => {
    const owned = new OwnedPool(make()).addMany(50, 1);
    const taken = Array.from({ length: 50 }, (_, i) => owned.take(`session-${i}`));
    deepEqual(new Set(taken).size, 50);
    deepEqual(owned.take("one more"), -1);
  });

  test(`${name}: a place that is used again starts without what was known of the member before`, () => {
    const owned = new OwnedPool(make()).addMany(2);
    owned.countTakes(500);
    owned.remove(0);
    owned.add("newcomer");
    const counts = owned.countTakes(400);
    ok(
      counts.every((takes) => takes > 100),
      `${counts}`,
    );
  });
}

/** The picks of `all` steps, each checked against the free members found the slow way. */
function run(strategy: Strategy, seed: number, all: readonly Step[]): number[] {
  const owned = new OwnedPool(strategy, seed);
  const held: number[] = [];
  const picks: number[] = [];
  let added = 0;
  for (const each of all) {
    if (each.do === "add") owned.add(`m${added++}`, each.capacity);
    else if (each.do === "take") {
      const { free } = owned;
      const slot = owned.take(each.session);
      ok(free.length === 0 ? slot === -1 : free.includes(slot), `picked ${slot} of [${free}]`);
      if (slot >= 0) held.push(slot);
      picks.push(slot);
    } else change(owned, held, each.do, each.nth);
  }
  return picks;
}

function change(owned: OwnedPool, held: number[], what: "remove" | "release" | "toggle", nth: number): void {
  const present = owned.pool.ids.flatMap((id, slot) => (id === null ? [] : [slot]));
  const slot = present[nth % present.length];
  if (what === "release") {
    const [released] = held.splice(nth % (held.length || 1), 1);
    if (released !== undefined) owned.release(released);
  } else if (slot !== undefined && what === "toggle") owned.setUsable(slot, owned.pool.usable[slot] === 0);
  else if (slot !== undefined) {
    owned.remove(slot);
    for (let i = held.length - 1; i >= 0; i--) if (held[i] === slot) held.splice(i, 1);
  }
}
