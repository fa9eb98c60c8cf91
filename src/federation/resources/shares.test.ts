import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "../../lib/properties.testing.ts";
import { type Claim, shareOut } from "./shares.ts";

function shares(places: number, ...claims: [wants: number, weight?: number, priority?: number][]): number[] {
  const named = claims.map(
    ([wants, weight = 1, priority = 0], i): Claim => ({ team: `t${i}`, wants, weight, priority }),
  );
  return [...shareOut(places, named).values()];
}

test("while there is enough, each has what it wants", () => {
  deepEqual(shares(10, [3], [7]), [3, 7]);
  deepEqual(shares(Number.POSITIVE_INFINITY, [3], [10_000]), [3, 10_000]);
});

test("else they have the same, and what one does not want goes to the others", () => {
  deepEqual(shares(10, [100], [100]), [5, 5]);
  deepEqual(shares(10, [100], [2], [100]), [4, 2, 4]);
});

test("by weight", () => {
  deepEqual(shares(12, [100, 3], [100, 1]), [9, 3]);
  deepEqual(shares(12, [4, 3], [100, 1]), [4, 8]);
});

test("a higher priority has what it wants first, but for one place for each other", () => {
  deepEqual(shares(10, [100], [100, 1, 5], [100]), [1, 8, 1]);
  deepEqual(shares(10, [100], [4, 1, 5], [100]), [3, 4, 3]);
});

test("with fewer places than teams they go by priority, weight and age", () => {
  deepEqual(shares(2, [9], [9, 2], [9, 1, 1]), [0, 1, 1]);
  deepEqual(shares(2, [9], [9], [9]), [1, 1, 0]);
  deepEqual(shares(0, [9], [9]), [0, 0]);
});

const claims = fc.array(
  fc.record({
    wants: fc.integer({ min: 0, max: 200 }),
    weight: fc.double({ min: 0.1, max: 100, noNaN: true }),
    priority: fc.integer({ min: -2, max: 2 }),
  }),
  { minLength: 1, maxLength: 12 },
);

test("whatever they want: nobody has more than that, nothing is handed out twice or kept back, and nobody is left with nothing", () => {
  fc.assert(
    fc.property(claims, fc.integer({ min: 0, max: 300 }), (wanted, places) => {
      const named = wanted.map((claim, i) => ({ team: `t${i}`, ...claim }));
      const has = shareOut(places, named);
      const total = [...has.values()].reduce((sum, each) => sum + each, 0);
      equal(
        total,
        Math.min(
          places,
          named.reduce((sum, { wants }) => sum + wants, 0),
        ),
      );
      for (const { team, wants } of named) {
        const mine = has.get(team) ?? -1;
        ok(Number.isInteger(mine) && mine >= 0 && mine <= wants, `${team} has ${mine}`);
        if (places >= named.length && wants > 0) ok(mine >= 1, `${team} has nothing`);
      }
    }),
  );
});

test("shares of those that want more come to their weights, to within one place", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 2, maxLength: 8 }), (weights) => {
      const places = 1_000;
      const named = weights.map((weight, i) => ({ team: `t${i}`, weight, priority: 0, wants: 10_000 }));
      const sum = weights.reduce((all, weight) => all + weight, 0);
      const has = shareOut(places, named);
      for (const { team, weight } of named) {
        ok(Math.abs((has.get(team) ?? 0) - (places * weight) / sum) <= 1, `${team}: ${has.get(team)}`);
      }
    }),
  );
});

test("one that wants more gets no less, and takes from others only", () => {
  fc.assert(
    fc.property(claims, fc.integer({ min: 0, max: 300 }), (wanted, places) => {
      const named = wanted.map((claim, i) => ({ team: `t${i}`, ...claim }));
      const before = shareOut(places, named);
      const more = shareOut(
        places,
        named.map((claim, i) => (i === 0 ? { ...claim, wants: claim.wants + 10 } : claim)),
      );
      ok((more.get("t0") ?? 0) >= (before.get("t0") ?? 0));
    }),
  );
});
