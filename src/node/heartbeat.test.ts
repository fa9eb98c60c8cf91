import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../lib/manual-clock.testing.ts";
import type { FromNode } from "../model/link.ts";
import { unmeasured } from "../model/resources.testing.ts";
import { Heartbeat } from "./heartbeat.ts";

function beating() {
  const clock = new ManualClock();
  const told: Extract<FromNode, { type: "heartbeat" }>[] = [];
  const pings: number[] = [];
  const heartbeat = new Heartbeat({
    clock,
    epoch: () => "7",
    hosts: () => 1,
    reserved: () => [],
    parked: () => [],
    rssBytes: () => 1,
    measure: () => unmeasured,
    ping: () => pings.push(clock.monotonic()),
    firstTokens: () => [120],
    beats: () => [{ pid: 70, agoMs: clock.monotonic() - (pings.at(-1) ?? 0) }],
    send: (frame) => frame.type === "heartbeat" && told.push(frame),
  });
  heartbeat.start(1_000);
  return { clock, told, pings, heartbeat };
}

test("hosts are asked half a gap before each beat, so that what it tells of them is fresh", () => {
  const { clock, told, pings } = beating();
  clock.pass(3_000);
  deepEqual(pings, [500, 1_500, 2_500]);
  deepEqual(
    told.map(({ hostBeats }) => hostBeats),
    Array(3).fill([{ pid: 70, agoMs: 500 }]),
  );
});

test("each sign is told once, with how long ago it came", () => {
  const { clock, told, heartbeat } = beating();
  clock.pass(300);
  heartbeat.sign("a1", "t/a/1", { what: "tool-started" });
  clock.pass(1_700);
  deepEqual(
    told.map(({ signs }) => signs),
    [[{ agent: "a1", attempt: "t/a/1", agoMs: 700, sign: { what: "tool-started" } }], []],
  );
});

test("signs over the bound are left out of a beat, and the next has room again", () => {
  const { clock, told, heartbeat } = beating();
  for (let i = 0; i < 6_000; i++) heartbeat.sign("a1", "t/a/1", { what: "output" });
  clock.pass(1_000);
  heartbeat.sign("a1", "t/a/1", { what: "output" });
  clock.pass(1_000);
  deepEqual(
    told.map(({ signs }) => signs?.length),
    [5_000, 1],
  );
});

test("one that is stopped says nothing more", () => {
  const { clock, told, heartbeat } = beating();
  clock.pass(1_000);
  heartbeat.stop();
  clock.pass(10_000);
  equal(told.length, 1);
});
