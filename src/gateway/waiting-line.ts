/**
 * Requests that fit into the budget, but not beside what others have reserved. Reservations are worst cases and mostly
 * given back, so a request waits for its turn instead of being refused.
 *
 *   waiting → reserved   its turn came, or its time was up and something useful was left
 *           → spent      what the others took leaves too little for it, whatever they give back
 *           → late       its time was up, and all is still reserved
 *           → gone       its agent went away
 *
 * First come, first served within a team: nobody overtakes, so a large request is not starved by small ones. Teams that
 * share a limit take turns. Where an hour's limit is spent all wait for the next hour, however long that is.
 */
import type { Clock, Millis } from "../lib/clock.ts";
import type { Claim } from "./claim.ts";
import type { Blocked, Purse, Reservation } from "./purse.ts";

export interface LineOptions {
  clock: Clock;
  /** Longest wait of one request, in ms. */
  waitMs: Millis;
  /** Most requests of one team that wait; the next is refused at once. */
  maxWaiting: number;
}

export interface Refused {
  why: "spent" | "late" | "full" | "gone";
  /** The scope that had no room. */
  by: Purse;
}

export type Outcome = Reservation | Refused;

export function isReserved(outcome: Reservation | Refused | Blocked): outcome is Reservation {
  return "usd" in outcome;
}

interface Waiter {
  purse: Purse;
  claim: Claim;
  end(outcome: Outcome): void;
}

/** One line for each team that has somebody waiting. */
export class WaitingLines {
  private readonly options: LineOptions;
  private readonly lines = new Map<Purse, WaitingLine>();

  /** `shared`: scopes around all teams. */
  constructor(options: LineOptions, shared: readonly Purse[] = []) {
    this.options = options;
    for (const purse of shared) purse.onFreed = () => this.advanceAll();
  }

  /**
   * Reserves at once where nobody waits and there is room, else in turn. Ends as `gone` when `signal()` aborts, which is
   * called only to wait.
   */
  reserve(purse: Purse, claim: Claim, signal: () => AbortSignal): Outcome | Promise<Outcome> {
    const owner = purse.lineOwner;
    const line = this.lines.get(owner) ?? new WaitingLine(owner, this.options);
    const outcome = line.reserve(purse, claim, signal);
    if (!(outcome instanceof Promise)) return outcome;
    this.lines.set(owner, line);
    return outcome.finally(() => {
      if (line.isEmpty) this.lines.delete(owner);
    });
  }

  /** The one that was first goes last, so that no team is always the first to be asked. O(teams that wait). */
  private advanceAll(): void {
    for (const [owner, line] of [...this.lines]) {
      line.advance();
      if (this.lines.delete(owner) && !line.isEmpty) this.lines.set(owner, line);
    }
  }
}

class WaitingLine {
  private readonly owner: Purse;
  private readonly options: LineOptions;
  /** In order of arrival. */
  private readonly waiters = new Set<Waiter>();

  constructor(owner: Purse, options: LineOptions) {
    this.owner = owner;
    this.options = options;
    owner.onFreed = () => this.advance();
  }

  get isEmpty(): boolean {
    return this.waiters.size === 0;
  }

  /** O(1) without waiting. */
  reserve(purse: Purse, claim: Claim, signal: () => AbortSignal): Outcome | Promise<Outcome> {
    if (this.isEmpty) {
      const verdict = purse.reserve(claim);
      if (isReserved(verdict)) return verdict;
      if (verdict.why === "spent") return { why: "spent", by: verdict.by };
    }
    return this.waiters.size >= this.options.maxWaiting
      ? { why: "full", by: this.owner }
      : this.wait(purse, claim, signal());
  }

  private wait(purse: Purse, claim: Claim, signal: AbortSignal): Promise<Outcome> {
    if (signal.aborted) return Promise.resolve({ why: "gone", by: purse });
    return new Promise((resolve) => {
      const waiter: Waiter = {
        purse,
        claim,
        end: (outcome) => {
          disarm();
          signal.removeEventListener("abort", leave);
          this.waiters.delete(waiter);
          resolve(outcome);
        },
      };
      const leave = () => {
        waiter.end({ why: "gone", by: purse });
        this.advance(); // it may have stood in the way of a smaller one
      };
      const arm = (ms: Millis): (() => void) =>
        this.options.clock.after(ms, () => {
          const again = this.lastChance(waiter);
          if (again !== null) disarm = arm(again);
        });
      let disarm = arm(this.options.waitMs);
      signal.addEventListener("abort", leave, { once: true });
      this.waiters.add(waiter);
    });
  }

  /** How much longer it waits, in ms, or null when it has ended. */
  private lastChance(waiter: Waiter): Millis | null {
    const verdict = waiter.purse.reserve(waiter.claim, true);
    if (isReserved(verdict)) waiter.end(verdict);
    else if (verdict.why === "hour") return Math.min(this.options.waitMs, verdict.by.turnsInMs ?? 0) || 1;
    else waiter.end({ why: verdict.why === "reserved" ? "late" : "spent", by: verdict.by });
    this.advance();
    return null;
  }

  /** O(1) for each that leaves, and for each that waits for its own attempt or task alone, which holds up nobody else. */
  advance(): void {
    for (const waiter of this.waiters) {
      const verdict = waiter.purse.reserve(waiter.claim);
      if (isReserved(verdict)) waiter.end(verdict);
      else if (verdict.why === "spent") waiter.end({ why: "spent", by: verdict.by });
      else if (this.owner.chain.includes(verdict.by)) return;
    }
  }
}
