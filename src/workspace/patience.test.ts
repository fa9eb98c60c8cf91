import { deepEqual, equal, rejects } from "node:assert/strict";
import { test } from "node:test";
import { type Clock, type Millis, systemClock } from "../lib/clock.ts";
import { GodelError } from "../lib/errors.ts";
import { patiently } from "./patience.ts";

/** A clock on which every wait is over at once. */
function quickClock(): Clock {
  let now = 0;
  const after = (delay: Millis, task: () => void) => {
    now += delay;
    queueMicrotask(task);
    return () => {};
  };
  return { ...systemClock, monotonic: () => now, after };
}

/** When each try came, of work that fails with `code` until `wellAt`. */
async function triesOf(code: "GIT_FAILED" | "DISK_FULL", wellAt: Millis): Promise<Millis[]> {
  const clock = quickClock();
  const tries: Millis[] = [];
  const work = async () => {
    tries.push(clock.monotonic());
    if (clock.monotonic() < wellAt) throw new GodelError(code, "failed");
    return "done";
  };
  const answer = await patiently(clock, 12_000, work).catch((error: unknown) => error);
  equal(answer === "done", clock.monotonic() >= wellAt);
  return tries;
}

test("git that failed is asked again, for as long as the patience lasts, and to its end", async () => {
  deepEqual(await triesOf("GIT_FAILED", 0), [0]);
  deepEqual(await triesOf("GIT_FAILED", 500), [0, 200, 800]);
  deepEqual(await triesOf("GIT_FAILED", 12_000), [0, 200, 800, 2_600, 8_000, 12_000]);
  deepEqual(await triesOf("GIT_FAILED", 12_001), [0, 200, 800, 2_600, 8_000, 12_000]);
});

test("what is not git's failure is told at once, and without patience so is that", async () => {
  deepEqual(await triesOf("DISK_FULL", 500), [0]);
  const failing = () => Promise.reject(new GodelError("GIT_FAILED", "failed"));
  await rejects(patiently(quickClock(), 0, failing), { code: "GIT_FAILED" });
});
