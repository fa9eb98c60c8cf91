/** How often one caller may ask: a token bucket for each, so that a client gone wild does not hold up the loop for all. */
import type { Clock, Millis } from "../lib/clock.ts";
import { GodelError } from "../lib/errors.ts";

export interface RateOptions {
  /** Requests a second that each token may make on end. Default 500, over 0. */
  requestsPerSecond: number;
  /** Requests that it may make at once. Default 2000, from 1: a page that acts on 1,000 agents asks 1,000 times. */
  requestBurst: number;
}

export const rateDefaults: RateOptions = { requestsPerSecond: 500, requestBurst: 2_000 };

/** Memory for each token that ever asked: there are few. */
export class RateLimit {
  readonly #options: RateOptions;
  readonly #clock: Clock;
  readonly #buckets = new Map<string, { left: number; at: Millis }>();

  constructor(options: RateOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
  }

  /** Books one request of `caller`. @throws GodelError RATE_LIMITED */
  take(caller: string): void {
    const { requestsPerSecond, requestBurst } = this.#options;
    const at = this.#clock.monotonic();
    const bucket = this.#buckets.get(caller) ?? { left: requestBurst, at };
    const left = Math.min(requestBurst, bucket.left + ((at - bucket.at) / 1_000) * requestsPerSecond);
    this.#buckets.set(caller, { left: left < 1 ? left : left - 1, at });
    if (left < 1) throw new GodelError("RATE_LIMITED", `more than ${requestsPerSecond} requests a second.`);
  }

  /** When a caller that was refused may ask again, in whole seconds. */
  get retryAfterSeconds(): number {
    return Math.ceil(1 / this.#options.requestsPerSecond);
  }
}
