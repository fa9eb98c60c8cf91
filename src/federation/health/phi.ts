/**
 * Phi accrual: how surprising the silence of an agent is, given the gaps between its heartbeats so far.
 *
 * phi(t) = -log10(1 - F(t)), where F is the normal distribution of the gaps: phi 8 is wrong once in 10^8 gaps.
 * Source: Hayashibara, Defago, Yared and Katayama, "The phi accrual failure detector", SRDS 2004; the pause and the least
 * sigma are Akka's. Our departures: mean and variance are exponentially weighted (constant memory) in place of a window
 * of 1,000 gaps; and phi is inverted once, so that a heartbeat sets the instant of the verdict and a sweep compares.
 */
import type { Millis } from "../../lib/clock.ts";
import type { HealthOptions } from "./options.ts";

export interface Beats {
  lastAt: Millis;
  /** Of the gaps, in ms and ms squared. */
  mean: number;
  variance: number;
}

/** Weight of the newest gap. A hundred heartbeats back, a gap still counts for a third of it. */
const weight = 0.01;

export function newBeats({ heartbeatMs }: HealthOptions, at: Millis): Beats {
  return { lastAt: at, mean: heartbeatMs, variance: 0 };
}

/** Books a heartbeat in place. One that is older than the last changes nothing. */
export function beat(beats: Beats, at: Millis, { heartbeatMs, pauseMs }: HealthOptions): void {
  const gap = at - beats.lastAt;
  if (gap < 0) return;
  beats.lastAt = at;
  // A gap as long as an outage is not how this agent beats; learning from it would blind us to the next outage.
  const learnt = Math.min(gap, heartbeatMs + pauseMs);
  const off = learnt - beats.mean;
  beats.mean += weight * off;
  beats.variance = (1 - weight) * (beats.variance + weight * off * off);
}

/** The silence, in ms, at which phi reaches a level; `quantile` is `normalQuantile(level)`. */
export function silenceFor(beats: Beats, quantile: number, { pauseMs, minSigmaMs }: HealthOptions): Millis {
  return beats.mean + pauseMs + quantile * Math.max(Math.sqrt(beats.variance), minSigmaMs);
}

/** Phi of a silence, for the evidence. */
export function phi(beats: Beats, silence: Millis, { pauseMs, minSigmaMs }: HealthOptions): number {
  const sigma = Math.max(Math.sqrt(beats.variance), minSigmaMs);
  return phiOf((silence - beats.mean - pauseMs) / sigma);
}

/** The z whose upper tail is 10^-level: `phiOf(z) = level`. By bisection, since it is asked twice in a life. */
export function normalQuantile(level: number): number {
  let [low, high] = [-10, 40];
  for (let i = 0; i < 80; i++) {
    const middle = (low + high) / 2;
    if (phiOf(middle) < level) low = middle;
    else high = middle;
  }
  return high;
}

/**
 * -log10 of the upper tail of the normal distribution.
 *
 * Source: the continued fraction of the tail (Abramowitz and Stegun 26.2.14) from z = 2 on, the series of the density
 * (26.2.11) below: exact to 6 digits, where Akka's logistic fit says 9.3 at phi 8.
 */
function phiOf(z: number): number {
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  if (z < -2) return 0;
  if (z >= 2) {
    let fraction = z;
    for (let k = 60; k >= 1; k--) fraction = z + k / fraction;
    return (z * z) / 2 / Math.LN10 + Math.log10(Math.sqrt(2 * Math.PI) * fraction);
  }
  let [term, sum] = [z, z];
  for (let k = 1; k < 60; k++) {
    term *= (z * z) / (2 * k + 1);
    sum += term;
  }
  return -Math.log10(0.5 - density * sum);
}
