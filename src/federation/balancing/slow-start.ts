import type { Millis } from "../../lib/clock.ts";

/** The least share of its weight that a newcomer gets, as in Envoy. */
const least = 0.1;
/** Steps in which the weight rises: each costs one update of the strategy. */
const steps = 10;

/**
 * The share of its weight that one gets `elapsed` ms after it came, from 0.1 to 1, in ten steps.
 *
 * Source: Envoy's slow start, `max(10%, (t/window)^(1/aggression))`. Departure: in steps and not at each pick.
 */
export function rampedShare(elapsed: Millis, windowMs: Millis, aggression: number): number {
  if (elapsed >= windowMs) return 1;
  return Math.max(least, (stepAt(elapsed, windowMs) / steps) ** (1 / aggression));
}

/** Elapsed time at which the share next rises, in ms. */
export function nextRise(elapsed: Millis, windowMs: Millis): Millis {
  return ((stepAt(elapsed, windowMs) + 1) * windowMs) / steps;
}

/** Times are floats: without the nudge a step that is exactly due could be taken for the one before. */
function stepAt(elapsed: Millis, windowMs: Millis): number {
  return Math.floor((elapsed / windowMs) * steps + 1e-6);
}
