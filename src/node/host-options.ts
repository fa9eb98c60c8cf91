import { availableParallelism } from "node:os";
import { type Clock, type Millis, systemClock } from "../lib/clock.ts";
import { inRange, resolveOptions } from "../lib/options.ts";

export interface HostPoolOptions {
  /** Folder for compiled code, shared by the hosts; made when missing. */
  cacheDir: string;
  /** Added to the environment of every host, such as the mark by which a later node finds those that outlived this one. */
  env: Record<string, string>;
  /** Agents per host. Default 50; 1 to 100. More save memory, but share one event loop and die together. */
  maxAgentsPerHost: number;
  /** Hosts that may be loading at once. Default: the cores; 1 to 64. More only take turns on the cores. */
  hostStartsAtOnce: number;
  /** Hosts of pi without agents that stay up for the next team, or in place of one that dies. Default 1; 0 to 64. Each keeps 110–130 MB. */
  warmHosts: number;
  /** A host that has taken this many prompts is not kept warm: it has grown. Default 1000; 1 to 1,000,000. */
  maxPromptsPerHost: number;
  /** Gap between two looks at the busy hosts, in ms. Default 1000; 100 to 60,000. */
  lookMs: Millis;
  /** The same for hosts whose agents are idle, in ms. Default 10,000; 100 to 600,000. Each look costs a host some 0.1 ms. */
  idleLookMs: Millis;
  /** Silence after which a host counts as hung, in ms. Default 10,000; 200 to 600,000, at least two looks. */
  hungAfterMs: Millis;
  /** How long hosts may take to end when the pool closes, in ms, before they are killed. Default 10,000; 0 to 60,000. */
  closeGraceMs: Millis;
  clock: Clock;
}

const defaults: HostPoolOptions = {
  cacheDir: "",
  env: {},
  maxAgentsPerHost: 50,
  hostStartsAtOnce: availableParallelism(),
  warmHosts: 1,
  maxPromptsPerHost: 1_000,
  lookMs: 1_000,
  idleLookMs: 10_000,
  hungAfterMs: 10_000,
  closeGraceMs: 10_000,
  clock: systemClock,
};

/** @throws GodelError OPTION_UNKNOWN, OPTION_RANGE */
export function resolveHostOptions(given: Partial<HostPoolOptions> & { cacheDir: string }): HostPoolOptions {
  const options = resolveOptions(defaults, given);
  inRange("maxAgentsPerHost", options.maxAgentsPerHost, 1, 100);
  inRange("hostStartsAtOnce", options.hostStartsAtOnce, 1, 64);
  inRange("warmHosts", options.warmHosts, 0, 64);
  inRange("maxPromptsPerHost", options.maxPromptsPerHost, 1, 1_000_000);
  inRange("lookMs", options.lookMs, 100, 60_000);
  inRange("idleLookMs", options.idleLookMs, 100, 600_000);
  inRange("hungAfterMs", options.hungAfterMs, 2 * options.lookMs, 600_000);
  inRange("closeGraceMs", options.closeGraceMs, 0, 60_000);
  return options;
}
