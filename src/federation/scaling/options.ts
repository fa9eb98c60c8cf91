import type { Millis } from "../../lib/clock.ts";
import { inRange, resolveOptions } from "../../lib/options.ts";

export interface ScalerOptions {
  /** Agents kept even when there is nothing to do. Default 2, from 0 to `maxAgents`. The hourly budget goes before it. */
  minAgents: number;
  /** Agents that may exist at once, those that drain included. Default 50, from 1 to 100,000. */
  maxAgents: number;
  /**
   * Runnable tasks that may wait for the agents there are. More of them, or a wait over `maxQueueWaitMs`, and the fleet
   * grows to its demand. Default 0: it grows as soon as one waits. Raising it saves spawns and costs waiting.
   */
  scaleUpThreshold: number;
  /**
   * Utilisation, busy / (busy + idle), below which the pool is plainly too large: its surplus agents go after half the
   * time. At or above it a burst's stay for a fifth of the idle TTL, and √load for all of it. Default 0.2, from 0 to 1.
   */
  scaleDownThreshold: number;
  /** The most the fleet may spend in an hour, in USD. Default Infinity: no gate. */
  maxCostPerHour: number;
  /** Wait of the 95th percentile, in ms, that makes the fleet grow even when few tasks wait. Default 10,000: about a start-up. */
  maxQueueWaitMs: Millis;
  /** What starting one agent costs, in USD: its share of the machine until it is ready. Default 0.001. */
  spawnCostUsd: number;
  /** What an idle agent costs, in USD an hour: memory and a share of the machine. Default 0.06. With `spawnCostUsd` it gives the idle TTL. */
  idleCostUsdPerHour: number;
  /** What a busy agent spends, in USD an hour, until enough was measured to know. Default 0.2. */
  agentCostUsdPerHour: number;
  /** Agents that may be started at once. Default 50, from 1 to 10,000. */
  spawnBurst: number;
  /** Agents that may be started a second once the burst is used up. Default 5, over 0. */
  spawnsPerSecond: number;
  /** Share of spawns that fail, smoothed over about ten, past which only one is tried at a time. Default 0.2, from 0 to 1. */
  maxSpawnFailures: number;
  /** Pause before that one try, in ms; doubles with each failure up to `maxBackoffMs`. Default 10,000. */
  backoffMs: Millis;
  /** The longest such pause, in ms. Default 300,000. */
  maxBackoffMs: Millis;
  /** Time constant, in ms, over which the burn rate is averaged. Default 300,000. */
  burnMs: Millis;
}

export const scalerDefaults: ScalerOptions = {
  minAgents: 2,
  maxAgents: 50,
  scaleUpThreshold: 0,
  scaleDownThreshold: 0.2,
  maxCostPerHour: Number.POSITIVE_INFINITY,
  maxQueueWaitMs: 10_000,
  spawnCostUsd: 0.001,
  idleCostUsdPerHour: 0.06,
  agentCostUsdPerHour: 0.2,
  spawnBurst: 50,
  spawnsPerSecond: 5,
  maxSpawnFailures: 0.2,
  backoffMs: 10_000,
  maxBackoffMs: 300_000,
  burnMs: 300_000,
};

/** @throws GodelError OPTION_UNKNOWN, OPTION_RANGE. */
export function resolveScaler(given: Partial<ScalerOptions>): ScalerOptions {
  const options = resolveOptions(scalerDefaults, given);
  const most = Number.POSITIVE_INFINITY;
  inRange("maxAgents", options.maxAgents, 1, 100_000);
  inRange("minAgents", options.minAgents, 0, options.maxAgents);
  inRange("scaleUpThreshold", options.scaleUpThreshold, 0, most);
  inRange("scaleDownThreshold", options.scaleDownThreshold, 0, 1);
  inRange("maxCostPerHour", options.maxCostPerHour, 0, most);
  inRange("maxQueueWaitMs", options.maxQueueWaitMs, 0, most);
  inRange("spawnCostUsd", options.spawnCostUsd, 0, most);
  inRange("idleCostUsdPerHour", options.idleCostUsdPerHour, 1e-9, most);
  inRange("agentCostUsdPerHour", options.agentCostUsdPerHour, 1e-9, most);
  inRange("spawnBurst", options.spawnBurst, 1, 10_000);
  inRange("spawnsPerSecond", options.spawnsPerSecond, 1e-9, most);
  inRange("maxSpawnFailures", options.maxSpawnFailures, 0, 1);
  inRange("maxBackoffMs", options.maxBackoffMs, 1, most);
  inRange("backoffMs", options.backoffMs, 1, options.maxBackoffMs);
  inRange("burnMs", options.burnMs, 1, most);
  return options;
}

const hourMs = 3_600_000;

/**
 * How long an agent may idle: as long as idling costs what a new start would, from 1 s to 1 h.
 *
 * Whatever comes next, that costs at most twice the best choice made in hindsight.
 * Source: the ski-rental rule; Karlin et al., "Competitive Snoopy Caching", Algorithmica 1988.
 */
export function idleTtlMs({ spawnCostUsd, idleCostUsdPerHour }: ScalerOptions): Millis {
  return Math.min(hourMs, Math.max(1_000, (spawnCostUsd / idleCostUsdPerHour) * hourMs));
}
