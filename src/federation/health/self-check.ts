/**
 * Whether it is us who are ill: our own loop lags, or many sources of heartbeats are late together.
 *
 * Then nobody is accused. A monitor that stood still sees everyone silent, and would kill a healthy fleet.
 * Source: Dadgar, Phillips and Currey, "Lifeguard: Local Health Awareness for More Accurate Failure Detection", DSN-W
 * 2018. Our departures: it stretches its timeouts by a score; we withhold verdicts for a fixed grace. And sources
 * (hosts), not agents, are counted, since the agents of one host fall silent together.
 */
import type { Millis } from "../../lib/clock.ts";
import type { HealthOptions } from "./options.ts";

export interface SelfCheck {
  /** null before the first sweep. */
  sweptAt: Millis | null;
  /** After a lag: no verdict before. */
  graceUntil: Millis;
  /** Since when too many are late together; null when they are not. */
  lateSince: Millis | null;
}

export type SelfDoubt = "loop-lag" | "late-together";

export function newSelfCheck(): SelfCheck {
  return { sweptAt: null, graceUntil: Number.MIN_SAFE_INTEGER, lateSince: null };
}

/** Books a sweep in place. `lagMs` is the measured lag of our loop, if it was measured. */
export function lookAtSelf(self: SelfCheck, at: Millis, lagMs: Millis, options: HealthOptions): void {
  const overdue = self.sweptAt === null ? 0 : at - self.sweptAt - options.sweepMs;
  self.sweptAt = at;
  if (Math.max(overdue, lagMs) > options.selfLagMs) self.graceUntil = at + options.selfGraceMs;
}

/** Books how many sources are late, in place. */
export function lookAtLate(
  self: SelfCheck,
  { late, sources }: { late: number; sources: number },
  { at, options }: { at: Millis; options: HealthOptions },
): void {
  const many = sources >= options.selfMinSources && late > options.selfLateShare * sources;
  self.lateSince = many ? (self.lateSince ?? at) : null;
}

/** Why verdicts are withheld at `at`, or null. Sources that stay late for longer than the longest hold are taken for dead. */
export function doubtOf(self: SelfCheck, at: Millis, options: HealthOptions): SelfDoubt | null {
  if (at < self.graceUntil) return "loop-lag";
  if (self.lateSince !== null && at - self.lateSince < options.selfMaxHoldMs) return "late-together";
  return null;
}
