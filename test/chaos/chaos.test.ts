/** The short form of `npm run chaos`: a minute's worth of trouble for a few agents. */
import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { scheduleOf } from "./schedule.testing.ts";
import { storm } from "./storm.testing.ts";

const seed = 3;

test(`engine, node, hosts, commands and git are killed and stopped at random (seed ${seed}): all is done exactly once`, async (t) => {
  if (process.platform !== "linux") return t.skip("processes are found in /proc");
  const { broken, figures } = await storm({
    seed,
    durationMs: 15_000,
    everyMs: 1_500,
    longestHoldMs: 3_000,
    agents: 8,
    modules: 32,
    budgetUsd: 5,
    thinkMs: 200,
    checkS: 0.5,
    say: (line) => t.diagnostic(line),
  });
  t.diagnostic(JSON.stringify(figures));
  deepEqual(broken, []);
});

test("a schedule follows from its seed alone, with as many kills as were asked for", () => {
  const options = { durationMs: 1_000_000, everyMs: 1_000, longestHoldMs: 45_000 };
  const faults = scheduleOf(seed, options);
  deepEqual(scheduleOf(seed, options), faults);
  const kills = faults.filter(({ kind }) => kind.startsWith("kill")).length;
  // Of a Poisson process with a mean of 1,000, whose standard deviation is 32.
  deepEqual(kills > 850 && kills < 1_150, true, `${kills}`);
});
