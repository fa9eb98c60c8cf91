import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { type Clock, systemClock } from "../lib/clock.ts";
import { GodelError } from "../lib/errors.ts";
import { Leftovers } from "./leftovers.ts";

test("worktrees that a full disk kept are released once there is room, and never those of attempts that go on", async () => {
  let task: (() => void) | null = null;
  const clock: Clock = {
    ...systemClock,
    after(_delay, next) {
      task = next;
      return () => {
        task = null;
      };
    },
  };
  const trees = new Set(["ended", "goes on"]);
  const disk = { full: true };
  async function salvage(live: { has(attempt: string): boolean }) {
    if (disk.full) throw new GodelError("DISK_FULL", "no space left on device");
    for (const attempt of [...trees]) if (!live.has(attempt)) trees.delete(attempt);
    return { released: 1, kept: [] };
  }
  async function pass(): Promise<void> {
    const due = task;
    task = null;
    due?.();
    await new Promise<void>((resolve) => clock.soon(resolve));
  }

  const leftovers = new Leftovers(clock, { salvage }, new Set(["goes on"]));
  equal(task, null);
  leftovers.expect();
  await pass();
  deepEqual([...trees], ["ended", "goes on"]);
  disk.full = false;
  await pass();
  deepEqual([...trees], ["goes on"]);
  equal(task, null);
});
