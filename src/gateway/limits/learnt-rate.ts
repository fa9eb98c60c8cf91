/**
 * How many requests a minute an account lets in that never says so, learnt from its 429s.
 *
 *   unknown → searching   the first 429: what went out in the minute before is the first guess
 *   searching → known     the next one: the rate was too high by now
 *   known → known         each further one
 *
 * The first guess is a good one where a minute's worth was used up, and far too low where the 429 came early, for some other
 * reason. So the rate is searched for first, by doubling (slow start, RFC 5681); that costs a 429 or two where the guess was good.
 * Between two 429s an account has let in what it allows, however it counts, for it had no room at either end: that
 * is the measure to go on with, within what one 429 may say (delivery rate as in BBR, Cardwell et al. 2016). From then on
 * the rate grows with each request let in, slowly at first, as in CUBIC (RFC 9438) by how long it went well.
 */
import type { Millis } from "../../lib/clock.ts";
import { windowMs } from "./window.ts";

/** The first guess is not below so many requests a minute. */
const leastRate = 10;
/** While it is searched for the rate doubles in so many ms. */
const doublesInMs: Millis = 3_000;
/** What is left of a rate after a 429. */
const kept = { least: 0.5, most: 0.95 } as const;

export class LearntRate {
  /** Requests a minute; null before the first 429. */
  perMinute: number | null = null;
  private searching = false;
  private acceptedSince = 0;
  private refusedAt: Millis = Number.NEGATIVE_INFINITY;

  /** A request was let in. */
  accepted(at: Millis): void {
    this.acceptedSince += 1;
    if (this.perMinute === null) return;
    const gapMs = windowMs / this.perMinute;
    // Half as much again at most for one request: a slow one is no proof of more.
    const growth = this.searching
      ? Math.min(0.5, 2 ** (gapMs / doublesInMs) - 1)
      : Math.min(0.01, 1e-5 * this.streak(at));
    this.perMinute *= 1 + growth;
  }

  /** A 429, the first of its burst. `sent`: what went out in the last minute. */
  refused(at: Millis, sent: number): void {
    if (this.perMinute === null) {
      this.perMinute = Math.max(leastRate, sent);
      this.searching = true;
    } else {
      const measured = (this.acceptedSince * windowMs) / (at - this.refusedAt);
      const within = Math.min(this.perMinute * kept.most, Math.max(this.perMinute * kept.least, measured));
      this.perMinute = Math.max(leastRate, within);
      this.searching = false;
    }
    this.acceptedSince = 0;
    this.refusedAt = at;
  }

  /** Requests let in since the last 429, or seconds, whichever is more: slow ones must learn too. */
  private streak(at: Millis): number {
    return Math.max(this.acceptedSince, (at - this.refusedAt) / 1_000);
  }
}
