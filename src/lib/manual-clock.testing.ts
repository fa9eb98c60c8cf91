import type { Clock, Millis } from "./clock.ts";

/** Time that passes when the test says so. */
export class ManualClock implements Clock {
  private now: Millis = 0;
  private readonly timers = new Set<{ at: Millis; task: () => void }>();

  wall = (): Millis => this.now;
  monotonic = (): Millis => this.now;
  soon = (task: () => void): void => queueMicrotask(task);

  after(delay: Millis, task: () => void): () => void {
    const timer = { at: this.now + delay, task };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  /** Timers that are set and not yet due. */
  get pending(): number {
    return this.timers.size;
  }

  /** Runs what is due on the way, in order. */
  pass(ms: Millis): void {
    const until = this.now + ms;
    for (let next = this.next(until); next; next = this.next(until)) {
      this.timers.delete(next);
      this.now = next.at;
      next.task();
    }
    this.now = until;
  }

  /** Goes on to what is due next, if anything is. */
  passToNext(): boolean {
    const next = this.next(Number.POSITIVE_INFINITY);
    if (next) this.pass(next.at - this.now);
    return next !== undefined;
  }

  private next(until: Millis) {
    return [...this.timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
  }
}
