/** What a gateway may not do with what a provider has told it of its limits, written down by hand and not worked out. */
import type { Millis } from "../lib/clock.ts";

/** One account, as one gateway process knows it: what its predecessor was told died with it. */
interface Known {
  /** Nobody who shares the account sends before then. */
  until: Millis;
  /** A 429 begins a new one. */
  period: number;
  /** Sent in this period, and not answered yet. */
  unanswered: number;
  /** Nothing was let in since the last 429. */
  proving: boolean;
}

/** A request that was sent. */
export interface Sent {
  account: string;
  period: number;
}

/** By rounding, a wait may end so much sooner, in ms. */
const rounded = 1;

/** Holds a gateway to what it was told. What it breaks is told once, to `onBroken`. */
export class RateLimits {
  readonly #accounts = new Map<string, Known>();
  readonly #onBroken: (promise: string, seen: string) => void;

  constructor(onBroken: (promise: string, seen: string) => void) {
    this.#onBroken = onBroken;
  }

  sent(account: string, who: string, at: Millis): Sent {
    const known = this.#of(account);
    if (at < known.until - rounded) {
      const left = Math.round(known.until - at);
      this.#onBroken(oneForAll, `${who} asks ${account}, which is to be asked again in ${left} ms`);
    }
    if (known.proving && known.unanswered > 0) {
      this.#onBroken(staggered, `${who} asks ${account} beside ${known.unanswered} others after a 429`);
    }
    known.unanswered++;
    return { account, period: known.period };
  }

  /** Let in, or answered in a way that says nothing of limits, or given up. */
  ended({ account, period }: Sent, isLetIn: boolean): void {
    const known = this.#of(account);
    if (period !== known.period) return;
    known.unanswered--;
    if (isLetIn) known.proving = false;
  }

  /** 429, heard at `at`: nothing may be asked for `waitMs`. */
  refused({ account }: Sent, waitMs: Millis, at: Millis): void {
    const known = this.#of(account);
    known.until = Math.max(known.until, at + waitMs);
    known.period++;
    known.unanswered = 0;
    known.proving = true;
  }

  #of(account: string): Known {
    const known = this.#accounts.get(account) ?? { until: 0, period: 0, unanswered: 0, proving: false };
    this.#accounts.set(account, known);
    return known;
  }
}

export const oneForAll = "what one agent was told of a limit all that share it know";
export const staggered = "after a 429 one request goes first, and the others once it was let in";
