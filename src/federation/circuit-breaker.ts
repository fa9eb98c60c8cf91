/**
 * Guards one agent or one provider against more work than its recent failures justify.
 *
 * | from      | when                                                        | to                                |
 * |-----------|-------------------------------------------------------------|-----------------------------------|
 * | closed    | the `failureThreshold`-th counted failure in a row          | open, until at + open time        |
 * | closed    | a success                                                   | closed; the row starts anew       |
 * | open      | `tryAcquire` once the open time is over                     | half-open, this being a probe     |
 * | half-open | `successesToClose` probes succeeded                         | closed                            |
 * | half-open | a probe failed by a counted class                           | open, for twice as long           |
 * | any       | a failure of another class, a released or a stale permit    | the same; a probe's place is freed|
 *
 * Open time: `openMs · 2^(trips − 1)`, at most `maxOpenMs`, plus up to `jitter` of it by chance. `trips` falls by one
 * with each success while closed (as Envoy's ejection multiplier does with each clean sweep), so that one which
 * flaps stays out for longer each time.
 *
 * Source: Nygard, "Release It!", 2007; resilience4j's half-open permits; cockatiel's consecutive breaker. Departure:
 * it does not wrap the call. Work here lasts for hours, and callers would queue behind an hour-long probe; so a
 * permit is a number that may be journaled and given back later, and a verdict counts only in the period in
 * which its permit was given.
 */
import type { Millis } from "../lib/clock.ts";
import { inRange, resolveOptions } from "../lib/options.ts";
import type { Random } from "../lib/random.ts";

export type BreakerState = "closed" | "open" | "half-open";

/**
 * Whose fault it was. `infrastructure`: the agent, its host or its machine. `provider`: the model behind it (429, 5xx,
 * timeouts). `task`: the work itself (gates failed, a result refused), which says nothing about either.
 */
export type FailureClass = "infrastructure" | "provider" | "task";

export interface BreakerOptions {
  /** What stands behind it: an agent's is tripped by `infrastructure` alone, a provider's by `provider` alone. Default agent. */
  guards: "agent" | "provider";
  /** Counted failures in a row that open it. Default 3, from 1 to 1,000. */
  failureThreshold: number;
  /** Open time after the first trip, in ms. Default 30,000, from 1 to 1 day. */
  openMs: Millis;
  /** The longest open time before jitter, in ms. Default 600,000; at least `openMs`, at most 7 days. */
  maxOpenMs: Millis;
  /** Share of the open time that chance may add, so that many do not come back at once. Default 0.2, from 0 to 1. */
  jitter: number;
  /** Probes under way at once while half-open. Default 1, from 1 to 100: each risks one more task. */
  halfOpenPermits: number;
  /** Probes that must succeed before it closes. Default 1, from 1 to 100. */
  successesToClose: number;
}

export const breakerDefaults: BreakerOptions = {
  guards: "agent",
  failureThreshold: 3,
  openMs: 30_000,
  maxOpenMs: 600_000,
  jitter: 0.2,
  halfOpenPermits: 1,
  successesToClose: 1,
};

/** Leave to do one piece of work; give it back with one `record…` or `release`. Safe in JSON. */
export type Permit = number;

/** All that a snapshot must keep of a breaker. */
export interface BreakerSnapshot {
  state: BreakerState;
  /** Counted failures in a row while closed. */
  failures: number;
  /** Probes that succeeded in this half-open period. */
  successes: number;
  trips: number;
  openUntil: Millis;
  /** Permits given so far; the next is one more. */
  issued: Permit;
  /** The last permit that was given before this period. */
  stale: Permit;
  /** Permits of the probes under way. */
  probes: Permit[];
}

const week = 7 * 86_400_000;

/** @throws GodelError OPTION_UNKNOWN, OPTION_RANGE. */
export function breakerOptions(given: Partial<BreakerOptions> = {}): BreakerOptions {
  const options = resolveOptions(breakerDefaults, given);
  inRange("failureThreshold", options.failureThreshold, 1, 1_000);
  inRange("openMs", options.openMs, 1, 86_400_000);
  inRange("maxOpenMs", options.maxOpenMs, options.openMs, week);
  inRange("jitter", options.jitter, 0, 1);
  inRange("halfOpenPermits", options.halfOpenPermits, 1, 100);
  inRange("successesToClose", options.successesToClose, 1, 100);
  return options;
}

/** Every `at` is in ms on one clock of the caller's that never goes back; snapshots need one that outlives a restart. */
export class CircuitBreaker {
  readonly #options: BreakerOptions;
  readonly #random: Random;
  readonly #counted: FailureClass;
  #is: BreakerSnapshot = {
    state: "closed",
    failures: 0,
    successes: 0,
    trips: 0,
    openUntil: 0,
    issued: 0,
    stale: 0,
    probes: [],
  };

  /** @throws GodelError OPTION_UNKNOWN, OPTION_RANGE. */
  constructor(options: Partial<BreakerOptions>, random: Random) {
    this.#options = breakerOptions(options);
    this.#random = random;
    this.#counted = this.#options.guards === "agent" ? "infrastructure" : "provider";
  }

  /** A breaker as it was when `snapshot` was taken, under options that may differ. */
  static restore(snapshot: BreakerSnapshot, options: Partial<BreakerOptions>, random: Random): CircuitBreaker {
    const breaker = new CircuitBreaker(options, random);
    breaker.#is = { ...snapshot, probes: [...snapshot.probes] };
    return breaker;
  }

  toJSON(): BreakerSnapshot {
    return { ...this.#is, probes: [...this.#is.probes] };
  }

  /** As of the last call that changed it: an open one whose time is over says `open` until it is tried. */
  get state(): BreakerState {
    return this.#is.state;
  }

  /** When an open one may be tried again; null while it is not open. */
  get retryAt(): Millis | null {
    return this.#is.state === "open" ? this.#is.openUntil : null;
  }

  /** Whether `tryAcquire` would give a permit now. Changes nothing. */
  canAccept(at: Millis): boolean {
    const { state, openUntil, probes } = this.#is;
    if (state === "closed") return true;
    if (state === "open") return at >= openUntil;
    return probes.length < this.#options.halfOpenPermits;
  }

  /** A permit for one piece of work, or undefined while none is to be had. */
  tryAcquire(at: Millis): Permit | undefined {
    const is = this.#is;
    if (is.state === "closed") return ++is.issued;
    if (!this.canAccept(at)) return undefined;
    if (is.state === "open") this.#enter("half-open");
    is.issued += 1;
    is.probes.push(is.issued);
    return is.issued;
  }

  recordSuccess(permit: Permit): void {
    if (!this.#settle(permit)) return;
    const is = this.#is;
    if (is.state === "closed") {
      is.failures = 0;
      is.trips = Math.max(0, is.trips - 1);
      return;
    }
    is.successes += 1;
    if (is.successes >= this.#options.successesToClose) this.#enter("closed");
  }

  /** A failure of a class that it does not guard against frees a probe's place and is no verdict. */
  recordFailure(failure: FailureClass, permit: Permit, at: Millis): void {
    if (!this.#settle(permit) || failure !== this.#counted) return;
    const is = this.#is;
    is.failures += 1;
    if (is.state === "half-open" || is.failures >= this.#options.failureThreshold) this.#open(at);
  }

  /** Gives `permit` back without a verdict: the work was cancelled, or never started. */
  release(permit: Permit): void {
    this.#settle(permit);
  }

  /** Whether a verdict on `permit` still counts. A probe's counts once. */
  #settle(permit: Permit): boolean {
    const is = this.#is;
    if (is.state === "closed") return permit > is.stale;
    const probe = is.probes.indexOf(permit);
    if (probe < 0) return false;
    is.probes.splice(probe, 1);
    return true;
  }

  #open(at: Millis): void {
    const { openMs, maxOpenMs, jitter } = this.#options;
    this.#is.trips += 1;
    // 2^30 is past every cap; the exponent itself must not overflow.
    const base = Math.min(maxOpenMs, openMs * 2 ** Math.min(30, this.#is.trips - 1));
    this.#is.openUntil = at + base * (1 + jitter * this.#random.next());
    this.#enter("open");
  }

  #enter(state: BreakerState): void {
    Object.assign(this.#is, { state, failures: 0, successes: 0, stale: this.#is.issued, probes: [] });
  }
}
