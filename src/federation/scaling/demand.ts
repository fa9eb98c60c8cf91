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
/** Of the idle TTL, for which all that was needed at once is kept: about a start-up by default. */
const burstShare = 0.2;
/** Agents kept for all of it beyond the present load, in its standard deviations. */
const spareDeviations = 1;

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
  const held: Demand = { agents: busy + Math.min(runnable, coming), reason: "within-threshold" };
  if (isSoonFree(pool)) return { ...held, reason: "soon-free" };
  if (runnable > options.scaleUpThreshold || busy + coming === 0) return { agents: busy + runnable, reason: "queue" };
  if (waitP95Ms > options.maxQueueWaitMs) return { agents: busy + runnable, reason: "latency" };
  return held;
}

/**
 * Whether what waits may wait on for agents that are at work: one of them may be free before a new one is up.
 *
 * Waiting for as long as a start takes, and starting then, costs at most twice the wait of the best choice made in
 * hindsight: the ski-rental rule again, as in `idleTtlMs`.
 */
function isSoonFree({ runnable, busy, waitP95Ms = 0, startMs = 0 }: PoolObservation): boolean {
  return startMs > 0 && runnable <= busy && waitP95Ms < startMs;
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

/**
 * Agents to keep: all that were needed at once within a fifth of the idle TTL, and of those needed within all of it the
 * spare that chance alone may ask for, `√load`. Half of both times where the pool is hardly in use.
 *
 * Source: square-root staffing (Halfin and Whitt, "Heavy-traffic limits for queues with many exponential servers", 1981).
 * What a burst leaves behind beyond that would wait for the next burst, which is rarely worth its idle cost.
 */
export function lately(window: DemandWindow, pool: PoolObservation, at: Millis, options: ScalerOptions): number {
  const utilisation = pool.busy / Math.max(1, pool.busy + pool.idle);
  const ttl = idleTtlMs(options) * (utilisation < options.scaleDownThreshold ? 0.5 : 1);
  const within = (span: Millis) =>
    window.peaks.reduce((most, { from, agents }) => (from > at - span ? Math.max(most, agents) : most), 0);
  const load = pool.busy + pool.runnable;
  const spare = Math.ceil(load + spareDeviations * Math.sqrt(load));
  return Math.max(within(ttl * burstShare), Math.min(within(ttl), spare));
}
