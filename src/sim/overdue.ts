import type { Millis } from "../lib/clock.ts";
import { promised } from "./broken-promise.ts";

/** What must be done within a time, from the moment that it is amiss. */
export class Overdue {
  readonly #now: () => Millis;
  /** Since when each thing has been amiss, by its name. */
  readonly #since = new Map<string, Millis>();

  constructor(now: () => Millis) {
    this.#now = now;
  }

  /** All time until now is excused. */
  excuse(): void {
    this.#since.clear();
  }

  /** To be asked again and again, of all that may be amiss. */
  check(what: string, bound: { amiss: boolean; withinMs: Millis; promise: string }): void {
    const now = this.#now();
    if (!bound.amiss) return void this.#since.delete(what);
    const since = this.#since.get(what) ?? now;
    this.#since.set(what, since);
    promised(now - since <= bound.withinMs, bound.promise, () => `${what}, for ${Math.round(now - since)} ms`);
  }
}
