import type { Clock, Millis } from "../../lib/clock.ts";
import type { Reservation, WaitingRequest } from "./reservation.ts";

interface Waiter {
  tryNow: () => Reservation | null;
  /** Whether the next in line could be served although this one could not. */
  isChoosy: boolean;
  serve: (reservation: Reservation) => void;
  refuse: (reason: unknown) => void;
}

/** Callers who wait for an agent to become free, first come first served. */
export class WaitingLine {
  readonly #clock: Clock;
  readonly #line = new Set<Waiter>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get length(): number {
    return this.#line.size;
  }

  /** Resolves when `tryNow` does; rejects after `waitMs` with `refusal()`, or with the signal's reason. */
  join(request: WaitingRequest, waitMs: Millis, tryNow: Waiter["tryNow"], refusal: () => Error): Promise<Reservation> {
    const { signal, exclude } = request;
    return new Promise((resolve, reject) => {
      const leave = () => {
        cancel();
        signal?.removeEventListener("abort", onAbort);
        this.#line.delete(waiter);
      };
      const serve = (reservation: Reservation) => {
        leave();
        resolve(reservation);
      };
      const refuse = (reason: unknown) => {
        leave();
        reject(reason);
      };
      const waiter: Waiter = { tryNow, isChoosy: (exclude?.size ?? 0) > 0, serve, refuse };
      const cancel = this.#clock.after(waitMs, () => refuse(refusal()));
      const onAbort = () => refuse(signal?.reason);
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#line.add(waiter);
    });
  }

  /** Serves whom it can. Stops at the first who would have taken anybody. */
  serve(): void {
    for (const waiter of this.#line) {
      const reservation = waiter.tryNow();
      if (reservation) waiter.serve(reservation);
      else if (!waiter.isChoosy) return;
    }
  }

  /** Refuses everyone. */
  clear(refusal: () => Error): void {
    for (const waiter of [...this.#line]) waiter.refuse(refusal());
  }
}
