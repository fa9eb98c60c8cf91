import TinyQueue from "tinyqueue";
import type { Clock, Millis } from "../lib/clock.ts";

interface Entry {
  at: Millis;
  /** Entries of one moment run in the order in which they were made. */
  order: number;
  /** Null once it is cancelled. */
  task: (() => void) | null;
  /** It runs in this process, or never. */
  process: Process | null;
}

/** Virtual time: it stands still while anything runs, and jumps to the next thing that is due. */
export class Timeline {
  now: Millis = 0;
  readonly #later = new TinyQueue<Entry>([], (a, b) => a.at - b.at || a.order - b.order);
  /** What is due at this moment, in order: half of all is. */
  #soon: Entry[] = [];
  #soonDone = 0;
  #order = 0;

  /** Runs `task` once after `delay`. The returned function cancels it, and may be called twice. */
  after(delay: Millis, task: () => void, process: Process | null = null): () => void {
    const entry: Entry = { at: this.now + Math.max(0, delay), order: this.#order++, task, process };
    if (entry.at > this.now) this.#later.push(entry);
    else this.#soon.push(entry);
    return () => {
      entry.task = null;
    };
  }

  /** What was held back while its process was frozen is due again. */
  resume(entry: Entry): void {
    this.#soon.push(Object.assign(entry, { at: this.now, order: this.#order++ }));
  }

  /** Runs what is due next. False when nothing is. */
  step(): boolean {
    for (let entry = this.#next(); entry; entry = this.#next()) {
      const { task, process } = entry;
      if (!task || process?.alive === false) continue;
      this.now = entry.at;
      if (process && !process.isRunning) process.hold(entry);
      else {
        task();
        return true;
      }
    }
    return false;
  }

  #next(): Entry | undefined {
    const soon = this.#soon[this.#soonDone];
    const later = this.#later.peek();
    if (!soon || (later && later.at <= this.now && later.order < soon.order)) return this.#later.pop();
    this.#soonDone++;
    if (this.#soonDone === this.#soon.length) {
      this.#soon = [];
      this.#soonDone = 0;
    }
    return soon;
  }
}

/** Unix time at which every simulation starts. */
const epochMs = 1_800_000_000_000;

/** One simulated process and its clock. Nothing of it runs once it is dead, and nothing while it is frozen. */
export class Process implements Clock {
  readonly pid: number;
  readonly #timeline: Timeline;
  #skewMs: Millis;
  readonly #held: Entry[] = [];
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

  /** Its machine's clock is set. */
  jump(ms: Millis): void {
    this.#skewMs += ms;
  }

  monotonic(): Millis {
    return this.#timeline.now;
  }

  after(delay: Millis, task: () => void): () => void {
    return this.#timeline.after(delay, task, this);
  }

  soon(task: () => void): void {
    this.after(0, task);
  }

  /** Runs `task` in this process: now, once it is thawed, or never. */
  run(task: () => void): void {
    if (this.isRunning) task();
    else if (this.#alive) this.#held.push({ at: 0, order: 0, task, process: this });
  }

  /** Keeps what came due while it is frozen. */
  hold(entry: Entry): void {
    this.#held.push(entry);
  }

  freeze(): void {
    this.#frozen = true;
  }

  thaw(): void {
    if (!this.#frozen) return;
    this.#frozen = false;
    for (const entry of this.#held.splice(0)) this.#timeline.resume(entry);
  }

  kill(): void {
    this.#alive = false;
    this.#held.length = 0;
  }
}
