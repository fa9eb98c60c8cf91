/** What the fleet spends an hour, and how many more agents the hourly budget can carry. */
import type { Millis } from "../../lib/clock.ts";
import type { PoolObservation } from "./observation.ts";
import type { ScalerOptions } from "./options.ts";

export interface BurnState {
  at: Millis;
  spentUsd: number;
  /** Exponentially weighted spending, in USD an hour. */
  usdPerHour: number;
  /** Of late: spending, and the busy hours that caused it. Both fade with a time constant of an hour. */
  recentUsd: number;
  recentHours: number;
}

const hourMs = 3_600_000;
/** The first guess of the cost of an agent-hour weighs as much as this many measured ones. */
const priorHours = 1;

export function newBurn(spentUsd: number, busy: number, at: Millis, options: ScalerOptions): BurnState {
  const usdPerHour = busy * options.agentCostUsdPerHour;
  return { at, spentUsd, usdPerHour, recentUsd: 0, recentHours: 0 };
}

export function lookAtBurn(
  state: BurnState,
  { spentUsd, busy }: { spentUsd: number; busy: number },
  { at, options }: { at: Millis; options: ScalerOptions },
): BurnState {
  const passed = at - state.at;
  if (passed <= 0) return state;
  const usd = Math.max(0, spentUsd - state.spentUsd);
  const kept = Math.exp(-passed / options.burnMs);
  const remembered = Math.exp(-passed / hourMs);
  return {
    at,
    spentUsd,
    usdPerHour: state.usdPerHour * kept + (usd / (passed / hourMs)) * (1 - kept),
    recentUsd: state.recentUsd * remembered + usd,
    recentHours: state.recentHours * remembered + (busy * passed) / hourMs,
  };
}

/** USD that a busy agent spends an hour: measured, and drawn towards the option while little was measured. */
export function costPerAgentHour(
  { recentUsd, recentHours }: BurnState,
  { agentCostUsdPerHour }: ScalerOptions,
): number {
  const cost = (agentCostUsdPerHour * priorHours + recentUsd) / (priorHours + recentHours);
  return Math.max(cost, 1e-9);
}

/**
 * Further agents that the hourly budget carries: n <= (budget - burn - reserved) / cost per agent-hour; below 0 when it
 * is overrun already.
 *
 * Our departures: the burn is never taken for less than the busy agents will cost, since an average lags behind a fleet
 * that just grew; and agents that are idle or starting are counted as if they were at work, or they would be paid for
 * only after more had been started.
 */
export function budgetRoom(
  burn: BurnState,
  { busy, idle, starting }: Pick<PoolObservation, "busy" | "idle" | "starting">,
  { reservedUsd, options }: { reservedUsd: number; options: ScalerOptions },
): number {
  if (options.maxCostPerHour === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
  const cost = costPerAgentHour(burn, options);
  const left = options.maxCostPerHour - Math.max(burn.usdPerHour, busy * cost) - reservedUsd;
  return Math.floor(left / cost + 1e-9) - idle - starting;
}
