import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import type { Clock } from "../lib/clock.ts";
import { activityGapMs, activityLine, oneLine } from "./activity.ts";

function manualClock() {
  let now = 0;
  let timer: { at: number; task: () => void } | undefined;
  const clock: Clock = {
    wall: () => now,
    monotonic: () => now,
    after(delay, task) {
      timer = { at: now + delay, task };
      return () => {
        timer = undefined;
      };
    },
    soon: queueMicrotask,
  };
  function advance(ms: number): void {
    now += ms;
    const due = timer && timer.at <= now ? timer : undefined;
    if (!due) return;
    timer = undefined;
    due.task();
  }
  return { clock, advance };
}

test("the first line passes at once, the newest of the next ones after the gap and not before", () => {
  const { clock, advance } = manualClock();
  const said: string[] = [];
  const line = activityLine(clock, (text) => said.push(text));
  line.say("one");
  line.say("two");
  line.say(() => "three");
  deepEqual(said, ["one"]);
  advance(activityGapMs - 1);
  deepEqual(said, ["one"]);
  advance(1);
  deepEqual(said, ["one", "three"]);
});

test("the end passes on what waits, and a line that is the same is not repeated", () => {
  const { clock } = manualClock();
  const said: string[] = [];
  const line = activityLine(clock, (text) => said.push(text));
  line.say("one");
  line.say("two");
  line.end();
  line.end();
  line.say("two");
  line.end();
  deepEqual(said, ["one", "two"]);
});

test("a line is the last one that says something, without colours, and not too long", () => {
  equal(oneLine("first\n\u001b[31mlast\u001b[0m\n \n"), "last");
  equal(oneLine(" \n"), "");
  equal(oneLine("x".repeat(500)).length, 160);
});
