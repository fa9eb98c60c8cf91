/** How an agent has done lately, and whether it gets work: what is derived from the outcomes of its attempts. */
import type { Millis } from "../lib/clock.ts";
import type { Noted } from "./reasons.ts";

/**
 * What the attempts of an agent came to, took and cost: sums, weighed by age as of `at`. An attempt that says nothing of its
 * agent is in none of them.
 */
export interface TrackRecord {
  passed: number;
  failed: number;
  /** Units of work that were tried, and what they took and cost in all. */
  work: number;
  ms: Millis;
  usd: number;
  at: Millis;
}

export interface Standing {
  /** A snapshot of its circuit breaker; null while that is as new. */
  breaker: object | null;
  /** The task that last counted against its breaker: a second failure of the same one says nothing more of the agent. */
  failedAt: string | null;
  /** Its last outcomes, a bit each, the newest lowest. */
  outcomes: { count: number; bits: number };
  /** Missing in what older versions stored, and before the first outcome. */
  record?: TrackRecord;
  /** Mean time of an attempt, in ms. */
  meanMs: Millis;
  /** Ejections as an outlier that are not yet forgiven, when the last one ends, and why it was. */
  ejections: number;
  ejectedUntil: Millis;
  ejected: Noted | null;
  /** When its breaker closed; 0 if it never opened. */
  closedAt: Millis;
}

export function newStanding(): Standing {
  return {
    breaker: null,
    failedAt: null,
    outcomes: { count: 0, bits: 0 },
    meanMs: 0,
    ejections: 0,
    ejectedUntil: 0,
    ejected: null,
    closedAt: 0,
  };
}
