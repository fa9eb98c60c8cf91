/** Spreads what the fleet may start, keep and drain over its skill pools. */
import type { Millis } from "../../lib/clock.ts";
import { type DemandWindow, demandOf, lately, remember } from "./demand.ts";
import type { PoolDecision, PoolObservation, ScaleReason } from "./observation.ts";
import type { ScalerOptions } from "./options.ts";

export interface SizedPool {
  pool: PoolObservation;
  window: DemandWindow;
  /** What it needs now, without any limit; raised where the fleet is below its minimum. */
  wanted: number;
  /** What it keeps: wanted, or what was needed within the idle TTL. */
  kept: number;
  supply: number;
  spawn: number;
  reason: ScaleReason;
}

/** What each pool wants, keeps and would start, in the order given. */
export function sizePools(
  pools: readonly PoolObservation[],
  windows: Readonly<Record<string, DemandWindow>>,
  { at, options }: { at: Millis; options: ScalerOptions },
): SizedPool[] {
  const sized = pools.map((pool): SizedPool => {
    const { agents: wanted, reason } = demandOf(pool, options);
    const supply = pool.busy + pool.idle + pool.starting;
    const known = windows[pool.pool];
    // Of a pool seen for the first time nothing is known, so its agents are taken to have been needed just now.
    const window = remember(known ?? { peaks: [] }, known ? wanted : Math.max(wanted, supply), { at, options });
    return { pool, window, wanted, kept: lately(window, pool, at, options), supply, spawn: 0, reason };
  });
  raiseToMinimum(sized, options.minAgents);
  for (const size of sized) {
    size.kept = Math.max(size.kept, size.wanted);
    size.spawn = Math.max(0, size.wanted - size.supply);
  }
  return sized;
}

/** What is missing is first found among agents that are there but not needed, then asked of the first pool. */
function raiseToMinimum(sized: readonly SizedPool[], minAgents: number): void {
  let missing = minAgents - sized.reduce((sum, { wanted }) => sum + wanted, 0);
  for (const size of sized.toSorted((a, b) => b.supply - b.wanted - (a.supply - a.wanted))) {
    const spare = Math.min(Math.max(0, missing), Math.max(0, size.supply - size.wanted));
    size.wanted += spare;
    missing -= spare;
  }
  const [first] = sized;
  if (missing <= 0 || first === undefined) return;
  if (first.wanted <= first.supply) first.reason = "minimum";
  first.wanted += missing;
}

/** `sized` with at most `allowed` spawns in all, shared so that the smallest asks are met first (max-min fair). */
export function spawnPools(sized: readonly SizedPool[], allowed: number): SizedPool[] {
  let left = allowed;
  let sharers = sized.length;
  const granted = new Map<SizedPool, number>();
  for (const size of sized.toSorted((a, b) => a.spawn - b.spawn)) {
    const grant = Math.min(size.spawn, sharers === 1 ? left : Math.ceil(left / sharers));
    granted.set(size, grant);
    left -= grant;
    sharers--;
  }
  return sized.map((size) => ({ ...size, spawn: granted.get(size) ?? 0 }));
}

interface DrainContext {
  /** Idle agents that the hourly budget could not pay, were they at work; 0 or below for none. */
  overBudget: number;
  /** Agents that some pool lacks because the fleet is at its maximum. */
  placesShort: number;
  options: ScalerOptions;
}

/** Which idle agents go: those not needed for the idle TTL, and at once where money or places are short. */
export function drainPools(sized: readonly SizedPool[], context: DrainContext): PoolDecision[] {
  const { options } = context;
  let overMax = sized.reduce((sum, { supply }) => sum + supply, 0) - options.maxAgents;
  let { overBudget, placesShort } = context;
  return sized.map(({ pool, wanted, kept, supply, spawn, reason }) => {
    const decide = (drain: number, why: ScaleReason): PoolDecision => {
      overMax -= drain;
      overBudget -= drain;
      placesShort -= drain;
      return { pool: pool.pool, wanted, spawn, drain, reason: drain > 0 ? why : reason };
    };
    const most = (count: number) => Math.max(0, Math.min(pool.idle, count));
    const rested = most(supply - kept);
    if (most(overBudget) > rested) return decide(most(overBudget), "over-budget");
    if (most(overMax) > rested) return decide(most(overMax), "over-max");
    const unneeded = Math.min(most(placesShort), most(supply - wanted));
    if (unneeded > rested) return decide(unneeded, "make-room");
    return decide(rested, "idle");
  });
}
