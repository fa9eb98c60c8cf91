import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../lib/manual-clock.testing.ts";
import type { ProcessUsage } from "../lib/processes.ts";
import type { AttemptQuota } from "../model/resources.ts";
import { lookMs, measureMs, Quotas } from "./quotas.ts";

const little: ProcessUsage = { rssBytes: 1e6, processes: 1, cpuMs: 0, writtenBytes: 0 };

/** Watches the attempts `a` and `b`; what is said of them. */
function watch(quota: AttemptQuota) {
  const clock = new ManualClock();
  let now = new Map<string, ProcessUsage>();
  const disk = { bytes: 0, looks: [] as string[] };
  const sizeOf = async (folders: readonly string[]) => {
    disk.looks.push(folders.join());
    return disk.bytes;
  };
  const quotas = new Quotas({ clock, usage: async () => now, sizeOf });
  const said: string[] = [];
  for (const id of ["a", "b"]) quotas.watch(id, quota, (detail) => said.push(`${id}: ${detail}`));
  const look = async (a: Partial<ProcessUsage> | null) => {
    now = new Map([["b", little]]);
    if (a) now.set("a", { ...little, ...a });
    clock.pass(lookMs);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { quotas, clock, said, look, disk };
}

test("an attempt whose commands take more memory or processes than it may is told of once, and no other", async () => {
  const { said, look } = watch({ memoryBytes: 50e6, processes: 10 });
  await look({ rssBytes: 50e6, processes: 10 });
  deepEqual(said, []);
  await look({ rssBytes: 51e6 });
  await look({ rssBytes: 99e6 });
  deepEqual(said, ["a: its commands took 51 MB of memory; resources.maxMemoryPerAttempt is 50 MB"]);

  const forks = watch({ processes: 10 });
  await forks.look({ processes: 11 });
  deepEqual(forks.said, ["a: its commands were 11 processes; resources.maxProcessesPerAttempt is 10"]);
});

test("the CPU time of commands that have ended counts", async () => {
  const { said, look } = watch({ cpuMs: 5_000 });
  await look({ cpuMs: 3_000 });
  await look(null);
  await look({ cpuMs: 2_000 });
  deepEqual(said, []);
  await look({ cpuMs: 2_500 });
  deepEqual(said, ["a: its commands took 5.5 s of CPU time; resources.maxCpuMsPerAttempt is 5 s"]);
});

test("nobody looks while no attempt is bounded", async () => {
  const { quotas, clock, look } = watch({ processes: 1 });
  quotas.forget("a");
  quotas.forget("b");
  await look(null);
  equal(clock.passToNext(), false);
});

test("the disk is walked where the commands have written what may be too much, and told of once it is", async () => {
  const { quotas, said, look, disk } = watch({ diskBytes: 100e6 });
  quotas.forget("b");
  quotas.writesIn("a", "/tree");
  quotas.writesIn("a", "/temp");
  await look({ writtenBytes: 60e6 });
  deepEqual(disk.looks, []);
  // One command has ended, and taken its count along; the next has written as much.
  await look(null);
  disk.bytes = 90e6;
  await look({ writtenBytes: 60e6 });
  deepEqual([disk.looks, said], [["/tree,/temp"], []]);
  await look({ writtenBytes: 65e6 });
  deepEqual(disk.looks.length, 1);
  disk.bytes = 101e6;
  await look({ writtenBytes: 75e6 });
  deepEqual(said, [
    "a: it has more than 100 MB on the disk, its temporary files with it; that is resources.maxDiskPerAttempt",
  ]);
});

test("what nobody was seen to write is found within half a minute", async () => {
  const { said, look, disk } = watch({ diskBytes: 100e6 });
  disk.bytes = 101e6;
  for (let passed = lookMs; passed < measureMs; passed += lookMs) await look({});
  deepEqual(said, []);
  await look({});
  equal(said.length, 2);
});
