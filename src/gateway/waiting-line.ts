/**
 * Requests that fit into the budget, but not beside what others have reserved. Reservations are worst cases and mostly
 * given back, so a request waits for its turn instead of being refused.
 *
 *   waiting → reserved   its turn came, or its time was up and something useful was left
 *           → spent      what the others took leaves too little for it, whatever they give back
 *           → late       its time was up, and all is still reserved
 *           → gone       its agent went away
 *
 * First come, first served: nobody overtakes, so a large request is not starved by small ones.
 */
import type { Clock, Millis } from "../lib/clock.ts";
import type { Claim, Purse, Reservation } from "./purse.ts";

export interface LineOptions {
  clock: Clock;
  /** Longest wait of one request, in ms. */
  waitMs: Millis;
  /** Most requests of one team that wait; the next is refused at once. */
  maxWaiting: number;
}

export type Outcome = Reservation | "spent" | "late" | "full" | "gone";

interface Waiter {
  claim: Claim;
  end(outcome: Outcome): void;
}

/** One line for each purse that has somebody waiting. */
export class WaitingLines {
  private readonly options: LineOptions;
  private readonly byPurse = new WeakMap<Purse, WaitingLine>();

  constructor(options: LineOptions) {
    this.options = options;
  }

  /**
   * Reserves at once where nobody waits and there is room, else in turn. Ends as `gone` when `signal()` aborts, which is
   * called only to wait.
   */
  reserve(purse: Purse, claim: Claim, signal: () => AbortSignal): Outcome | Promise<Outcome> {
    return this.of(purse).reserve(claim, signal);
  }

  private of(purse: Purse): WaitingLine {
    const known = this.byPurse.get(purse);
    if (known) return known;
    const line = new WaitingLine(purse, this.options);
    this.byPurse.set(purse, line);
    return line;
  }
}

class WaitingLine {
  private readonly purse: Purse;
  private readonly options: LineOptions;
  /** In order of arrival. */
  private readonly waiters = new Set<Waiter>();

  constructor(purse: Purse, options: LineOptions) {
    this.purse = purse;
    this.options = options;
    purse.onFreed = () => this.advance();
  }

  /** O(1) without waiting. */
  reserve(claim: Claim, signal: () => AbortSignal): Outcome | Promise<Outcome> {
    const verdict = this.waiters.size === 0 ? this.purse.reserve(claim) : "wait";
    if (verdict !== "wait") return verdict;
    return this.waiters.size >= this.options.maxWaiting ? "full" : this.wait(claim, signal());
  }

  private wait(claim: Claim, signal: AbortSignal): Promise<Outcome> {
    if (signal.aborted) return Promise.resolve("gone");
    return new Promise((resolve) => {
      const waiter: Waiter = {
        claim,
        end: (outcome) => {
          disarm();
          signal.removeEventListener("abort", leave);
          this.waiters.delete(waiter);
          resolve(outcome);
        },
      };
      const leave = () => {
        waiter.end("gone");
        this.advance(); // it may have stood in the way of a smaller one
      };
      const disarm = this.options.clock.after(this.options.waitMs, () => this.lastChance(waiter));
      signal.addEventListener("abort", leave, { once: true });
      this.waiters.add(waiter);
    });
  }

  private lastChance(waiter: Waiter): void {
    const verdict = this.purse.reserve(waiter.claim, true);
    waiter.end(verdict === "wait" ? "late" : verdict);
    this.advance();
  }

  /** O(1) for each that leaves. */
  private advance(): void {
    for (const waiter of this.waiters) {
      const verdict = this.purse.reserve(waiter.claim);
      if (verdict === "wait") return;
      waiter.end(verdict);
    }
  }
}
