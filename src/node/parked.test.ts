import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../lib/manual-clock.testing.ts";
import { Parked } from "./parked.ts";

function parkedAt(clock: ManualClock, expired: string[], attempts: string[]): Parked {
  const parked = new Parked(clock, (attempt) => expired.push(attempt));
  for (const attempt of attempts) parked.add(attempt);
  return parked;
}

test("a lost attempt waits for ten minutes, and not longer", () => {
  const [clock, expired] = [new ManualClock(), [] as string[]];
  const parked = parkedAt(clock, expired, ["t/a/1"]);
  clock.pass(10 * 60_000 - 1);
  deepEqual([parked.has("t/a/1"), expired], [true, []]);
  clock.pass(1);
  deepEqual([parked.has("t/a/1"), expired], [false, ["t/a/1"]]);
});

test("what is taken expires no more, and all of a task or a team are taken, not those of one whose name begins alike", () => {
  const [clock, expired] = [new ManualClock(), [] as string[]];
  const parked = parkedAt(clock, expired, ["t/a/1", "t/a/2", "t/ab/1", "t2/a/1"]);
  deepEqual(parked.takeAll("t/a"), ["t/a/1", "t/a/2"]);
  deepEqual(parked.takeAll("t"), ["t/ab/1"]);
  parked.add("t/a/3");
  parked.clear();
  equal(clock.passToNext(), false);
  deepEqual(expired, []);
});

test("one that is parked again waits anew", () => {
  const [clock, expired] = [new ManualClock(), [] as string[]];
  const parked = parkedAt(clock, expired, ["t/a/1"]);
  clock.pass(60_000);
  parked.add("t/a/1");
  clock.pass(10 * 60_000 - 1);
  deepEqual(expired, []);
});
