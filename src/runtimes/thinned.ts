import type { Clock, Millis } from "../lib/clock.ts";

export interface Thinned<T> {
  /** `make` is called only if its value is passed on. */
  say(make: () => T): void;
  /** Passes on what still waits, and starts no timer any more. */
  end(): void;
}

/** Passes the newest on, at most once per `gapMs`; what comes sooner waits and is overwritten. `emit` says whether it told anything. */
export function thinned<T>(clock: Clock, gapMs: Millis, emit: (value: T) => boolean): Thinned<T> {
  let waiting: (() => T) | undefined;
  let notBefore = Number.NEGATIVE_INFINITY;
  let cancel: (() => void) | undefined;

  function flush(): void {
    cancel?.();
    cancel = undefined;
    if (waiting === undefined) return;
    const value = waiting();
    waiting = undefined;
    if (emit(value)) notBefore = clock.monotonic() + gapMs;
  }

  return {
    say(make) {
      waiting = make;
      const delay = notBefore - clock.monotonic();
      if (delay <= 0) flush();
      else cancel ??= clock.after(delay, flush);
    },
    end: flush,
  };
}
