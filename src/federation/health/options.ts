import type { Millis } from "../../lib/clock.ts";
import { inRange, resolveOptions } from "../../lib/options.ts";

export interface HealthOptions {
  /** Gap between heartbeats, in ms, until it was measured. Default 1000, from 1. */
  heartbeatMs: Millis;
  /** A pause that is nothing unusual, such as a collection of garbage, in ms. Default 2000. Raising it delays every verdict by as much. */
  pauseMs: Millis;
  /** The least standard deviation of the gaps, in ms, so that a very regular agent is not judged by microseconds. Default 200, from 1. */
  minSigmaMs: Millis;
  /** Phi at which an agent is suspect. Default 3: one false suspicion in 1,000 gaps; about 3.6 s after the last heartbeat. */
  suspectPhi: number;
  /** Phi at which it is unhealthy. Default 8: one in 10^8; about 4.1 s after the last heartbeat. Over `suspectPhi`, to 15. */
  unhealthyPhi: number;
  /** Silence of a busy agent, no token and no tool event, before it is suspect, in ms. Default 120,000. */
  stallSuspectMs: Millis;
  /** The same before it is unhealthy, in ms. Default 300,000. */
  stallMs: Millis;
  /** How long one tool call may run before the agent is unhealthy, in ms; suspect at half. Default 1,800,000. */
  toolMs: Millis;
  /** How often `sweep` is meant to be called, in ms. Default 250. A later sweep counts as our own lag. */
  sweepMs: Millis;
  /** Lag of our own loop, in ms, past which we suspect ourselves. Default 500. */
  selfLagMs: Millis;
  /** Share of the sources of heartbeats that are late together, past which we suspect ourselves. Default 0.3. */
  selfLateShare: number;
  /** Sources of heartbeats below which no share is computed: one late host of two says nothing of us. Default 5. */
  selfMinSources: number;
  /** How long verdicts are withheld once we suspect ourselves, in ms. Default 5000: a round of heartbeats and a pause. */
  selfGraceMs: Millis;
  /** The longest that late sources alone can withhold verdicts, in ms. Default 30,000: then they are taken for dead. */
  selfMaxHoldMs: Millis;
  /** |z| of the log of seconds per token, past which an agent differs from its peers. Default 3.5. */
  speedZ: number;
  /** Samples of its model before an agent is compared. Default 20. */
  speedMinSamples: number;
  /** CUSUM of log likelihood ratios past which an agent fails more than its peers. Default 4: about 4 failures in a row. */
  errorThreshold: number;
  /** Page-Hinkley sum, in multiples of the agent's own average rate, past which its burn has changed. Default 10. */
  burnThreshold: number;
  /** Tokens a minute past which an agent is unhealthy at once. Default Infinity: no cap. */
  maxTokensPerMinute: number;
  /** USD an hour past which an agent is unhealthy at once. Default Infinity: no cap. */
  maxUsdPerHour: number;
  /** Crashes within `crashWindowMs`, with no work finished between them, that put a lineage in quarantine. Default 3, from 1 to 100. */
  crashLimit: number;
  /** See `crashLimit`, in ms. Default 600,000. */
  crashWindowMs: Millis;
  /** The first quarantine, in ms; doubles each time up to `maxQuarantineMs`. Default 60,000. */
  quarantineMs: Millis;
  /** The longest quarantine, in ms. Default 3,600,000. */
  maxQuarantineMs: Millis;
}

export const healthDefaults: HealthOptions = {
  heartbeatMs: 1_000,
  pauseMs: 2_000,
  minSigmaMs: 200,
  suspectPhi: 3,
  unhealthyPhi: 8,
  stallSuspectMs: 120_000,
  stallMs: 300_000,
  toolMs: 1_800_000,
  sweepMs: 250,
  selfLagMs: 500,
  selfLateShare: 0.3,
  selfMinSources: 5,
  selfGraceMs: 5_000,
  selfMaxHoldMs: 30_000,
  speedZ: 3.5,
  speedMinSamples: 20,
  errorThreshold: 4,
  burnThreshold: 10,
  maxTokensPerMinute: Number.POSITIVE_INFINITY,
  maxUsdPerHour: Number.POSITIVE_INFINITY,
  crashLimit: 3,
  crashWindowMs: 600_000,
  quarantineMs: 60_000,
  maxQuarantineMs: 3_600_000,
};

/** @throws GodelError OPTION_UNKNOWN, OPTION_RANGE. */
export function resolveHealth(given: Partial<HealthOptions>): HealthOptions {
  const options = resolveOptions(healthDefaults, given);
  for (const [name, value] of Object.entries(options)) inRange(name, value, 0, Number.POSITIVE_INFINITY);
  inRange("heartbeatMs", options.heartbeatMs, 1, 3_600_000);
  inRange("minSigmaMs", options.minSigmaMs, 1, 3_600_000);
  inRange("suspectPhi", options.suspectPhi, 0.5, 15);
  inRange("unhealthyPhi", options.unhealthyPhi, options.suspectPhi, 15);
  inRange("stallSuspectMs", options.stallSuspectMs, 1, options.stallMs);
  inRange("selfLateShare", options.selfLateShare, 0, 1);
  inRange("crashLimit", options.crashLimit, 1, 100);
  inRange("quarantineMs", options.quarantineMs, 1, options.maxQuarantineMs);
  return options;
}
