/** Milliseconds: since the Unix epoch for wall time, since any origin for monotonic time. */
export type Millis = number;

/** The only source of time. Production passes `systemClock`; tests and the simulator pass their own. */
export interface Clock {
  /** Unix time, for records people read. May jump; never subtract two of these. */
  wall(): Millis;
  /** Time since an arbitrary origin, for timeouts. Never goes back. */
  monotonic(): Millis;
  /** Calls `task` once after `delay`. The returned function cancels it, and may be called twice. */
  after(delay: Millis, task: () => void): () => void;
  /** Calls `task` once after the I/O that has arrived by now, so that what came together is handled together. */
  soon(task: () => void): void;
}

export const systemClock: Clock = {
  wall: () => Date.now(),
  monotonic: () => performance.now(),
  after(delay, task) {
    // Of a time that has passed meanwhile nothing is left to wait.
    const timer = setTimeout(task, Math.max(0, delay));
    return () => clearTimeout(timer);
  },
  soon: (task) => void setImmediate(task),
};

/** Resolves after `delay`; at once, without an error, when `signal` aborts. */
export function sleep(clock: Clock, delay: Millis, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const cancel = clock.after(delay, done);
    signal?.addEventListener("abort", done, { once: true });
    function done() {
      cancel();
      signal?.removeEventListener("abort", done);
      resolve();
    }
  });
}

/** Wall time that never goes back: read once, then carried on by the monotonic clock. Not below `floor`. */
export function steadyWall(clock: Clock, floor: Millis = 0): () => Millis {
  const origin = Math.max(clock.wall(), floor);
  const start = clock.monotonic();
  return () => Math.floor(origin + (clock.monotonic() - start));
}

/** ISO 8601 in UTC, as every `--json` output prints time. */
export function iso(at: Millis): string {
  return new Date(at).toISOString();
}

/** A date as HTTP (RFC 9110) or RFC 3339 writes it, as Unix time; undefined for any other text. */
export function readDate(text: string): Millis | undefined {
  if (!/^(?:[A-Z][a-z]{2}, \d|\d{4}-\d\d-\d\dT)/.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}
