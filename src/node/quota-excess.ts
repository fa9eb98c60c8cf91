import type { ProcessUsage } from "../lib/processes.ts";
import type { AttemptQuota } from "../model/resources.ts";

/** What an attempt takes of all that is bounded. */
export type Taken = Omit<ProcessUsage, "writtenBytes"> & { diskBytes: number };

/** What is more than it may be, in a sentence for people; null where nothing is. */
export function excess(quota: AttemptQuota, { rssBytes, processes, cpuMs, diskBytes }: Taken): string | null {
  const over = (taken: number, most: number | undefined): most is number => most !== undefined && taken > most;
  if (over(rssBytes, quota.memoryBytes))
    return `its commands took ${mb(rssBytes)} of memory; resources.maxMemoryPerAttempt is ${mb(quota.memoryBytes)}`;
  if (over(processes, quota.processes))
    return `its commands were ${processes} processes; resources.maxProcessesPerAttempt is ${quota.processes}`;
  if (over(cpuMs, quota.cpuMs))
    return `its commands took ${cpuMs / 1_000} s of CPU time; resources.maxCpuMsPerAttempt is ${quota.cpuMs / 1_000} s`;
  if (over(diskBytes, quota.diskBytes))
    return `it has more than ${mb(quota.diskBytes)} on the disk, its temporary files with it; that is resources.maxDiskPerAttempt`;
  return null;
}

function mb(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)} MB`;
}
