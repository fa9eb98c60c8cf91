import type { Millis } from "../../lib/clock.ts";
import type { FailureClass, Permit } from "../circuit-breaker.ts";
import type { Member } from "./member.ts";

/** How a reservation ended. `abandoned`: it taught nothing of the agent, as when the work was cancelled. */
export type Outcome = "success" | FailureClass | "abandoned";

export interface PickRequest {
  /** Requests of one session meet the same agent, with the consistent-hash strategy. */
  session?: string;
  /** The agent that already holds what is needed; taken if it is free. */
  prefer?: string;
  /** Agents not to take. Costs one update of the strategy each. */
  exclude?: ReadonlySet<string>;
}

export interface WaitingRequest extends PickRequest {
  /** How long to wait for an agent to become free, in ms. Default 0: refused at once; at most 2^31 − 1, 24 days. */
  waitMs?: Millis;
  /** Stops the wait: the call then throws the signal's reason. */
  signal?: AbortSignal;
}

/**
 * Why this agent. `strategy`: it was ranked first. `preferred`: the request named it. `panic`: ranked first while too few
 * were healthy to heed health.
 */
export interface PickReason {
  by: "strategy" | "preferred" | "panic";
  /** The agent failed before, and this shows whether it is well: give it small work. */
  isProbe: boolean;
  /** Set where the work was moved here: from whom, how it ended there, and all who were tried before, in order. */
  failover: { from: string; outcome: Outcome; tried: readonly string[] } | null;
}

/** What a reservation needs of its balancer. */
export interface Releaser {
  settle(held: Held, outcome: Outcome, latencyMs: Millis | undefined): void;
  failOver(from: Reservation, outcome: Outcome, request: WaitingRequest): Promise<Reservation>;
}

/** What is held, for the balancer alone. */
export interface Held {
  member: Member;
  permit: Permit | undefined;
  since: Millis;
}

/** One place of one agent, held from the pick until it is released. */
export class Reservation {
  readonly reason: PickReason;
  readonly #held: Held;
  readonly #releaser: Releaser;
  #isReleased = false;

  /** Made by the balancer. */
  constructor(held: Held, reason: PickReason, releaser: Releaser) {
    this.#held = held;
    this.reason = reason;
    this.#releaser = releaser;
  }

  /** The agent's id. */
  get id(): string {
    return this.#held.member.id;
  }

  get isReleased(): boolean {
    return this.#isReleased;
  }

  /**
   * Gives the place back and tells how it went; only the first call counts. Returns whether this was it.
   * `latencyMs` is time per unit of work, for strategies that learn from it.
   */
  release(outcome: Outcome = "abandoned", latencyMs?: Millis): boolean {
    if (this.#isReleased) return false;
    this.#isReleased = true;
    this.#releaser.settle(this.#held, outcome, latencyMs);
    return true;
  }

  /**
   * Releases this one with `outcome` and reserves another agent, never one that was tried for this work before.
   * @throws GodelError AGENT_STATE if none is left; this one is released even so.
   */
  failOver(outcome: Exclude<Outcome, "success">, request: WaitingRequest = {}): Promise<Reservation> {
    this.release(outcome);
    return this.#releaser.failOver(this, outcome, request);
  }
}
