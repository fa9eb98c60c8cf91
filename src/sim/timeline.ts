import TinyQueue from "tinyqueue";
import type { Clock, Millis } from "../lib/clock.ts";

interface Entry {
  at: Millis;
  /** Entries of one moment run in the order in which they were made. */
  order: number;
  task: (() => void) | null;
}

/** Virtual time: it stands still while anything runs, and jumps to the next thing that is due. */
export class Timeline {
  now: Millis = 0;
  readonly #queue = new TinyQueue<Entry>([], (a, b) => a.at - b.at || a.order - b.order);
  #order = 0;

  /** Runs `task` once after `delay`. The returned function cancels it, and may be called twice. */
  after(delay: Millis, task: () => void): () => void {
    const entry: Entry = { at: this.now + Math.max(0, delay), order: this.#order++, task };
    this.#queue.push(entry);
    return () => {
      entry.task = null;
    };
  }

  /** Runs what is due next. False when nothing is. */
  step(): boolean {
    for (let entry = this.#queue.pop(); entry; entry = this.#queue.pop()) {
      if (!entry.task) continue;
      this.now = entry.at;
      entry.task();
      return true;
    }
    return false;
  }
}

/** Unix time at which every simulation starts. */
const epochMs = 1_800_000_000_000;

/** One simulated process and its clock. Nothing of it runs once it is dead, and nothing while it is frozen. */
export class Process implements Clock {
  readonly pid: number;
  readonly #timeline: Timeline;
  readonly #skewMs: Millis;
  readonly #held: (() => void)[] = [];
  #alive = true;
  #frozen = false;

  /** `skewMs`: how far the wall clock was off when it started. */
  constructor(timeline: Timeline, pid: number, skewMs: Millis = 0) {
    this.#timeline = timeline;
    this.pid = pid;
    this.#skewMs = skewMs;
  }

  get alive(): boolean {
    return this.#alive;
  }

  get isRunning(): boolean {
    return this.#alive && !this.#frozen;
  }

  wall(): Millis {
    return Math.max(1, Math.floor(epochMs + this.#timeline.now + this.#skewMs));
  }

  monotonic(): Millis {
    return this.#timeline.now;
  }

  after(delay: Millis, task: () => void): () => void {
    let cancelled = false;
    const cancel = this.#timeline.after(delay, () => {
      this.run(() => {
        if (!cancelled) task();
      });
    });
    return () => {
      cancelled = true;
      cancel();
    };
  }

  soon(task: () => void): void {
    this.after(0, task);
  }

  /** Runs `task` in this process: now, once it is thawed, or never. */
  run(task: () => void): void {
    if (!this.#alive) return;
    if (this.#frozen) this.#held.push(task);
    else task();
  }

  freeze(): void {
    this.#frozen = true;
  }

  thaw(): void {
    if (!this.#frozen) return;
    this.#frozen = false;
    for (const task of this.#held.splice(0)) this.soon(task);
  }

  kill(): void {
    this.#alive = false;
    this.#held.length = 0;
  }
}
