/** How many agents a pool needs now, and how many it lately needed. */
import type { Millis } from "../../lib/clock.ts";
import type { PoolObservation, ScaleReason } from "./observation.ts";
import { idleTtlMs, type ScalerOptions } from "./options.ts";

export interface Demand {
  agents: number;
  reason: ScaleReason;
}

/** The largest demand in each slice of the time that idle agents are kept; the newest last, at most `slices`. */
export interface DemandWindow {
  peaks: { from: Millis; agents: number }[];
}

const slices = 24;

/** Busy + runnable; less while the few that wait may wait for the agents there are. A forecast only raises it. */
export function demandOf(pool: PoolObservation, options: ScalerOptions): Demand {
  const demand = queueDemand(pool, options);
  const { forecast = 0 } = pool;
  return forecast > demand.agents ? { agents: forecast, reason: "forecast" } : demand;
}

function queueDemand(pool: PoolObservation, options: ScalerOptions): Demand {
  const { busy, idle, starting, runnable, waitP95Ms = 0 } = pool;
  const coming = idle + starting;
  if (runnable === 0) return { agents: busy, reason: "steady" };
  if (runnable > options.scaleUpThreshold || busy + coming === 0) return { agents: busy + runnable, reason: "queue" };
  if (waitP95Ms > options.maxQueueWaitMs) return { agents: busy + runnable, reason: "latency" };
  return { agents: busy + Math.min(runnable, coming), reason: "within-threshold" };
}

/**
 * `window` with the demand at `at`, without what is too old.
 *
 * Source: the downscale stabilisation of the Kubernetes autoscaler (the largest recommendation of 300 s), with the idle
 * TTL as its length. It asks whether an agent was needed, not whether this one was, so it holds whatever the order in
 * which free agents are chosen.
 */
export function remember(
  window: DemandWindow,
  agents: number,
  { at, options }: { at: Millis; options: ScalerOptions },
): DemandWindow {
  const longest = idleTtlMs(options);
  const recent = window.peaks.filter(({ from }) => from > at - longest);
  const last = recent.at(-1);
  if (last === undefined || at >= last.from + longest / slices) return { peaks: [...recent, { from: at, agents }] };
  return { peaks: [...recent.slice(0, -1), { from: last.from, agents: Math.max(last.agents, agents) }] };
}

/** Agents that were needed at once within the idle TTL; within half of it where the pool is hardly in use. */
export function lately(window: DemandWindow, pool: PoolObservation, at: Millis, options: ScalerOptions): number {
  const utilisation = pool.busy / Math.max(1, pool.busy + pool.idle);
  const ttl = idleTtlMs(options) * (utilisation < options.scaleDownThreshold ? 0.5 : 1);
  return window.peaks.reduce((most, { from, agents }) => (from > at - ttl ? Math.max(most, agents) : most), 0);
}
