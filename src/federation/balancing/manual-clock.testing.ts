import type { Clock, Millis } from "../../lib/clock.ts";

/** A clock that moves only when it is told to. */
export class ManualClock implements Clock {
  #now = 0;
  readonly #timers = new Set<{ at: Millis; task: () => void }>();

  wall = (): Millis => this.#now;
  monotonic = (): Millis => this.#now;
  soon = (task: () => void): void => void this.after(0, task);

  /** Timers that are set and not yet due. */
  get pending(): number {
    return this.#timers.size;
  }

  after = (delay: Millis, task: () => void): (() => void) => {
    const timer = { at: this.#now + delay, task };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  };

  /** Moves on by `delay`, and runs what falls due on the way, in order. */
  advance(delay: Millis): void {
    const end = this.#now + delay;
    for (;;) {
      const next = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.task();
    }
    this.#now = end;
  }
}
