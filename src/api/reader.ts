import type { Engine } from "../engine/engine.ts";
import type { Clock, Millis } from "../lib/clock.ts";
import { codeOf } from "../lib/errors.ts";
import type { TeamId } from "../model/records.ts";
import { Frames } from "./frames.ts";
import { numbered, ToldEvents } from "./told-events.ts";
import { type Filter, filterOf, type Wanted } from "./wanted.ts";

/** What a reader needs of its connection. */
export interface ReaderSocket {
  readonly readyState: number;
  readonly OPEN: number;
  /** Bytes that were sent and have not left. */
  readonly bufferedAmount: number;
  send(frames: Frames, onSent?: (error?: Error | null) => void): void;
  close(code: number, reason: string): void;
  /** Between the two, what is sent is held back, to leave at once. */
  cork?(): void;
  uncork?(): void;
}

/** How a team stands, for one who knows what its agents do up to `toldVersion`; after it, up to `version`. */
export interface StatusOf {
  version: number;
  framesSince(toldVersion: number): Frames;
}

export interface ReaderLimits {
  /** Bytes that a reader may lag behind before it is cut off. Default 4 MiB; each reader may hold that much memory. */
  maxBacklogBytes: number;
  /** How long the history may wait for a reader to take a page of it, in ms. Default 30,000. */
  patienceMs: Millis;
}

export const readerLimits: ReaderLimits = { maxBacklogBytes: 4 << 20, patienceMs: 30_000 };

/** "Try again later", by the registry of close codes (RFC 6455, 7.4.2): the reason says from where. */
const tooSlow = 1013;

/**
 * One reader of one team's events: first the history that it missed, at its own pace, then each as it happens.
 *
 * Events come in order and none twice; each carries its sequence number, and a status says that all up to its number
 * were sent. Whoever is cut off or reconnects goes on `from` the last number it has.
 */
export class Reader {
  readonly team: TeamId;
  readonly #wanted: Wanted;
  readonly #filter: Filter;
  readonly #socket: ReaderSocket;
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #limits: ReaderLimits;
  /** All of its events up to this one were sent. */
  #seq: bigint;
  #live = false;
  #toldVersion = 0;

  constructor(parts: { socket: ReaderSocket; wanted: Wanted; engine: Engine; clock: Clock; limits: ReaderLimits }) {
    this.#socket = parts.socket;
    this.#wanted = parts.wanted;
    this.#filter = filterOf(parts.wanted);
    this.team = parts.wanted.team;
    this.#engine = parts.engine;
    this.#clock = parts.clock;
    this.#limits = parts.limits;
    this.#seq = parts.engine.seq;
  }

  /** Whether it has all that happened so far, and so may be told how things stand, and wants to be. */
  get takesStatus(): boolean {
    return this.#live && this.#wanted.status !== false;
  }

  /** Sends what happened after the number that it has. Resolves when the reader is live or gone. */
  async begin(): Promise<void> {
    const { from } = this.#wanted;
    // A number that the journal has not reached yet is from before a restore.
    const known = from !== null && from <= this.#seq;
    if (from !== null && !known) this.#sendGap();
    if (known) await this.#catchUp(from);
    else this.#live = true;
  }

  /** Durable just now, and how the team stands after it. In one write to the network. */
  hear(events: ToldEvents | null, status: StatusOf | null): void {
    if (!this.#live) return;
    this.#socket.cork?.();
    // What it read from the journal an instant before it was told is not sent again.
    if (events && events.last > this.#seq) this.#sendEvents(events);
    if (status) {
      const frames = status.framesSince(this.#toldVersion);
      this.#toldVersion = status.version;
      this.#send(frames);
    }
    this.#socket.uncork?.();
  }

  async #catchUp(from: bigint): Promise<void> {
    this.#seq = from;
    try {
      // What becomes durable meanwhile is read too, until nothing is left.
      while (this.#seq < this.#engine.seq && this.#isOpen) {
        for await (const { seq, events } of this.#engine.read(this.#seq)) {
          this.#sendEvents(new ToldEvents(numbered(this.#engine.state, events, seq)));
          if (!(await this.#drained())) return;
        }
      }
    } catch (error) {
      if (codeOf(error) !== "JOURNAL_CONFLICT") throw error;
      // Only a snapshot holds these any more.
      this.#seq = this.#engine.seq;
      this.#sendGap();
    }
    // In one step with the last look: what is told from here on follows it.
    this.#live = true;
  }

  #sendEvents(events: ToldEvents): void {
    const frames = events.framesFor(this.#filter, this.#seq);
    this.#seq = events.last;
    if (frames) this.#send(frames);
  }

  /** Waits while the reader has more to take than it may lag behind. False when it took nothing for too long. */
  async #drained(): Promise<boolean> {
    if (this.#socket.bufferedAmount <= this.#limits.maxBacklogBytes / 4) return this.#isOpen;
    const sent = new Promise<boolean>((resolve) => {
      const cancel = this.#clock.after(this.#limits.patienceMs, () => resolve(false));
      this.#socket.send(Frames.of({ type: "reached", seq: String(this.#seq) }), (error) => {
        cancel();
        resolve(!error);
      });
    });
    if (await sent) return this.#isOpen;
    this.#cut();
    return false;
  }

  get #isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  #sendGap(): void {
    this.#send(Frames.of({ type: "gap", seq: String(this.#seq) }));
  }

  #send(frames: Frames): void {
    if (!this.#isOpen) return;
    if (this.#live && this.#socket.bufferedAmount > this.#limits.maxBacklogBytes) return this.#cut();
    this.#socket.send(frames);
  }

  #cut(): void {
    if (this.#isOpen) this.#socket.close(tooSlow, `too slow; go on from the last seq, up to ${this.#seq}`);
  }
}
