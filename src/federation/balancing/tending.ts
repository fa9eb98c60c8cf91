import type { Clock } from "../../lib/clock.ts";
import type { Strategy } from "../strategies/strategy.ts";

/** Lets a strategy do what can wait, once for all changes of a turn of the loop. */
export class Tending {
  readonly #strategy: Strategy;
  readonly #clock: Clock;
  #isDue = false;

  constructor(strategy: Strategy, clock: Clock) {
    this.#strategy = strategy;
    this.#clock = clock;
  }

  soon(): void {
    if (this.#isDue || !this.#strategy.tend) return;
    this.#isDue = true;
    this.#clock.soon(() => {
      this.#isDue = false;
      this.#strategy.tend?.();
    });
  }
}
