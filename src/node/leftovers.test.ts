import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { type Clock, systemClock } from "../lib/clock.ts";
import { GodelError } from "../lib/errors.ts";
import { Leftovers } from "./leftovers.ts";
import type { Worktrees } from "./ports.ts";

test("a worktree that a full disk kept is released once there is room, and not tried again after that", async () => {
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
  let full = true;
  const released: string[] = [];
  const release = async (attempt: string) => {
    if (full) throw new GodelError("DISK_FULL", "no space left on device");
    released.push(attempt);
    return { commit: null };
  };
  async function pass(): Promise<void> {
    const due = task;
    task = null;
    due?.();
    await new Promise<void>((resolve) => clock.soon(resolve));
  }

  const leftovers = new Leftovers(clock, { release } as unknown as Worktrees);
  leftovers.add("t1/a/1");
  await pass();
  deepEqual(released, []);
  full = false;
  await pass();
  deepEqual(released, ["t1/a/1"]);
  deepEqual(task, null);
});
