import { equal, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "../../lib/properties.testing.ts";
import { Window } from "./window.ts";

test("what went out leaves after a minute, and not before", () => {
  const window = new Window(2);
  window.add(1_000, 1);
  window.add(2_000, 1);
  const free = window.freeAt(3_000, 1);
  ok(free >= 61_000 && free <= 61_250, `${free}`);
  equal(window.freeAt(free, 1), free);
  equal(window.used(free), 1);
});

test("a correction changes what was counted, and not what has left", () => {
  const window = new Window(100);
  const mark = window.add(0, 90);
  window.correct(mark, -80);
  equal(window.used(10), 10);
  window.correct(mark, -80);
  equal(window.used(10), 0);
  window.add(200_000, 5);
  window.correct(mark, 50);
  equal(window.used(200_000), 5);
});

test("believes a provider that says less is left, and not one that says more", () => {
  const window = new Window(100);
  window.add(0, 10);
  window.believe(0, 95);
  equal(window.used(0), 10);
  window.believe(0, 20);
  equal(window.used(0), 80);
});

test("more than the limit goes out alone", () => {
  const window = new Window(10);
  equal(window.freeAt(0, 50), 0);
  window.add(0, 50);
  ok(window.freeAt(1, 1) >= 60_000);
});

test("in no minute more goes out than the limit, however it is asked", () => {
  const asks = fc.array(fc.tuple(fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: 1, max: 4 })), {
    maxLength: 200,
  });
  fc.assert(
    fc.property(asks, fc.integer({ min: 4, max: 30 }), (list, limit) => {
      const window = new Window(limit);
      const sent: [number, number][] = [];
      let at = 0;
      for (const [gap, amount] of list) {
        at = window.freeAt(at + gap, amount);
        window.add(at, amount);
        sent.push([at, amount]);
        const inMinute = sent.filter(([then]) => then > at - 60_000).reduce((sum, [, each]) => sum + each, 0);
        ok(inMinute <= limit, `${inMinute} of ${limit} in the minute before ${at}`);
      }
    }),
    { numRuns: 200 },
  );
});
