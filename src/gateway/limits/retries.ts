import type { Millis } from "../../lib/clock.ts";
import type { Random } from "../../lib/random.ts";

/** Share of a repeat that each request earns, and how many may be saved up. */
const [earned, most] = [0.2, 50];
/** The first and the longest wait before a repeat, in ms, before chance shortens it. */
const waits = { first: 250, longest: 10_000 } as const;

/**
 * How much may be repeated: a fifth of what is asked, so that repeats never turn a provider's bad minute into a worse one.
 * Source: the retry budgets of Finagle; waits with full jitter as in Brooker, "Exponential Backoff and Jitter", 2015.
 */
export class RetryBudget {
  private readonly random: Random;
  private saved = most / 5;

  constructor(random: Random) {
    this.random = random;
  }

  /** A request was made for the first time. */
  earn(): void {
    this.saved = Math.min(most, this.saved + earned);
  }

  /** Whether one more may be repeated. */
  spend(): boolean {
    if (this.saved < 1) return false;
    this.saved -= 1;
    return true;
  }

  /** Before repeat `number`, counted from 1. */
  waitMs(number: number): Millis {
    return this.random.next() * Math.min(waits.longest, waits.first * 2 ** Math.min(20, number - 1));
  }
}
