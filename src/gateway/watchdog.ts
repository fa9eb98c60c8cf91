import type { Clock, Millis } from "../lib/clock.ts";

export interface Patience {
  /** Until the first byte of an answer, in ms. */
  firstTokenMs: Millis;
  /** Between two parts of an answer, in ms. */
  stallMs: Millis;
}

/** Notices a provider that has fallen silent. One timer at a time, however many parts pass. */
export class Watchdog {
  private readonly clock: Clock;
  private readonly patience: Patience;
  private readonly onSilence: (ms: Millis) => boolean;
  private heardAt: Millis;
  private patienceMs: Millis;
  private cancel: () => void;

  /** `onSilence` says whether to go on waiting: it is the agent that takes nothing. */
  constructor(clock: Clock, patience: Patience, onSilence: (ms: Millis) => boolean) {
    this.clock = clock;
    this.patience = patience;
    this.onSilence = onSilence;
    this.heardAt = clock.monotonic();
    this.patienceMs = patience.firstTokenMs;
    this.cancel = clock.after(this.patienceMs, () => this.look());
  }

  /** A part of the answer has come. */
  heard(): void {
    this.heardAt = this.clock.monotonic();
    if (this.patienceMs === this.patience.stallMs) return;
    this.patienceMs = this.patience.stallMs;
    this.cancel();
    this.cancel = this.clock.after(this.patienceMs, () => this.look());
  }

  /** May be called twice. */
  stop(): void {
    this.cancel();
  }

  private look(): void {
    const left = this.heardAt + this.patienceMs - this.clock.monotonic();
    if (left > 0) this.cancel = this.clock.after(Math.ceil(left), () => this.look());
    else if (this.onSilence(this.patienceMs)) this.cancel = this.clock.after(this.patienceMs, () => this.look());
  }
}
