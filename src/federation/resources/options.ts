import type { Millis } from "../../lib/clock.ts";
import { inRange, resolveOptions } from "../../lib/options.ts";
import type { AttemptQuota } from "../../model/resources.ts";

export interface ResourceOptions {
  /** Agents on one node at once, besides those that work alone on suspects. Default Infinity: as many as its memory, disk and files allow. From 1. */
  maxAgents: number;
  /** Agents of one team at once, whatever it asks for. Default Infinity. From 1. */
  maxAgentsPerTeam: number;
  /** Memory set aside for an attempt that has just begun, in bytes. Default 16 MiB, to 1 TB; raise it where commands take more at once. 0: none. */
  memoryPerAttempt: number;
  /** How long it is set aside, in ms; after that the measurement shows it. Default 3,000, to 600,000. */
  settleMs: Millis;
  /** Free memory below which a node takes no new work, in bytes, or 5% of it where that is less. Default 500 MB. */
  keepMemory: number;
  /** Free disk below which a node takes no new work, in bytes, or 5% of it where that is less. Default 1 GB: a full disk stops the journal. */
  keepDisk: number;
  /** Load of the machine, what runs or waits to for each core over a minute, past which its node takes no new work. Default 30, from 1. Infinity: none. */
  maxLoad: number;
  /** How long an agent may take to stop, in ms, before its host is ended by force. Default 30,000; 1,000 to 600,000. */
  stopWithinMs: Millis;
  /** Memory that the commands of one attempt may take together, in bytes. Default Infinity: not bounded. From 1 MB. */
  maxMemoryPerAttempt: number;
  /** Processes that the commands of one attempt may be at once. Default Infinity. From 1. */
  maxProcessesPerAttempt: number;
  /** CPU time that the commands of one attempt may take in all, in ms. Default Infinity. From 1,000. */
  maxCpuMsPerAttempt: Millis;
  /** Disk that one attempt may take, its worktree and its temporary files together, in bytes. Default Infinity. From 1 MB. */
  maxDiskPerAttempt: number;
}

export const resourceDefaults: ResourceOptions = {
  maxAgents: Number.POSITIVE_INFINITY,
  maxAgentsPerTeam: Number.POSITIVE_INFINITY,
  memoryPerAttempt: 16 * 2 ** 20,
  settleMs: 3_000,
  keepMemory: 500e6,
  keepDisk: 1e9,
  maxLoad: 30,
  stopWithinMs: 30_000,
  maxMemoryPerAttempt: Number.POSITIVE_INFINITY,
  maxProcessesPerAttempt: Number.POSITIVE_INFINITY,
  maxCpuMsPerAttempt: Number.POSITIVE_INFINITY,
  maxDiskPerAttempt: Number.POSITIVE_INFINITY,
};

/** @throws GodelError OPTION_UNKNOWN, OPTION_RANGE. */
export function resolveResources(given: Partial<ResourceOptions>): ResourceOptions {
  const options = resolveOptions(resourceDefaults, given);
  inRange("maxAgents", options.maxAgents, 1, Number.POSITIVE_INFINITY);
  inRange("maxAgentsPerTeam", options.maxAgentsPerTeam, 1, Number.POSITIVE_INFINITY);
  inRange("memoryPerAttempt", options.memoryPerAttempt, 0, 1e12);
  inRange("settleMs", options.settleMs, 0, 600_000);
  inRange("keepMemory", options.keepMemory, 0, 1e15);
  inRange("keepDisk", options.keepDisk, 0, 1e15);
  inRange("maxLoad", options.maxLoad, 1, Number.POSITIVE_INFINITY);
  inRange("stopWithinMs", options.stopWithinMs, 1_000, 600_000);
  inRange("maxMemoryPerAttempt", options.maxMemoryPerAttempt, 1e6, Number.POSITIVE_INFINITY);
  inRange("maxProcessesPerAttempt", options.maxProcessesPerAttempt, 1, Number.POSITIVE_INFINITY);
  inRange("maxCpuMsPerAttempt", options.maxCpuMsPerAttempt, 1_000, Number.POSITIVE_INFINITY);
  inRange("maxDiskPerAttempt", options.maxDiskPerAttempt, 1e6, Number.POSITIVE_INFINITY);
  return options;
}

/** What of it a node is told for each attempt; undefined where nothing is bounded. */
export function quotaIn(options: ResourceOptions): AttemptQuota | undefined {
  const quota: Required<AttemptQuota> = {
    memoryBytes: options.maxMemoryPerAttempt,
    processes: options.maxProcessesPerAttempt,
    cpuMs: options.maxCpuMsPerAttempt,
    diskBytes: options.maxDiskPerAttempt,
  };
  const bounds = Object.entries(quota).filter(([, most]) => Number.isFinite(most));
  return bounds.length === 0 ? undefined : Object.fromEntries(bounds);
}
