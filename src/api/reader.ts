import type { Engine } from "../engine/engine.ts";
import type { State } from "../engine/state.ts";
import type { Clock, Millis } from "../lib/clock.ts";
import { codeOf } from "../lib/errors.ts";
import type { Event } from "../model/events.ts";
import type { TeamId } from "../model/records.ts";
import type { StreamFrame } from "./wire.ts";

/** What a reader needs of its connection. A WebSocket of `ws` is one. */
export interface ReaderSocket {
  readonly readyState: number;
  readonly OPEN: number;
  /** Bytes that were sent and have not left. */
  readonly bufferedAmount: number;
  send(frame: string, onSent?: (error?: Error) => void): void;
  close(code: number, reason: string): void;
  /** Between the two, what is sent is held back, to leave at once. */
  cork?(): void;
  uncork?(): void;
}

/** What a reader asks for. */
export interface Wanted {
  team: TeamId;
  /** The last event that it has, by its number; null when it wants only what comes. */
  from: bigint | null;
  /** Whether it is told how the team stands. Default true. */
  status?: boolean;
  /** Whether it is sent events. Default true. */
  events?: boolean;
  /** Only events of these types; null for all, the default. */
  types?: ReadonlySet<string> | null;
}

/** An event as every reader of its team is sent it: encoded once for all of them. */
export interface Told {
  seq: bigint;
  team: TeamId | undefined;
  type: Event["type"];
  text: string;
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
  readonly #wantsAll: boolean;
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
    this.#wantsAll = parts.wanted.events !== false && !parts.wanted.types;
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

  /** Up to where it knows what the agents do. */
  get toldVersion(): number {
    return this.#toldVersion;
  }

  /** Sends what happened after the number that it has. Resolves when the reader is live or gone. */
  async begin(): Promise<void> {
    const { from } = this.#wanted;
    // A number that the journal has not reached yet is from before a restore.
    const known = from !== null && from <= this.#seq;
    if (from !== null && !known) this.#send({ type: "gap", seq: String(this.#seq) });
    if (known) await this.#catchUp(from);
    else this.#live = true;
  }

  /** Durable just now, in one turn. */
  hear(all: readonly Told[]): void {
    if (!this.#live) return;
    // One write to the network for all of them.
    this.#socket.cork?.();
    for (const told of all) {
      // Read from the journal an instant before it was told.
      if (told.seq <= this.#seq) continue;
      this.#seq = told.seq;
      if (told.team === this.team && this.#wants(told.type)) this.#sendText(told.text);
    }
    this.#socket.uncork?.();
  }

  /** `text`: a status frame, encoded; after it, what the agents do is known up to `version`. */
  status(text: string, version: number): void {
    this.#toldVersion = version;
    this.#sendText(text);
  }

  #wants(type: Event["type"]): boolean {
    return this.#wantsAll || (this.#wanted.events !== false && (this.#wanted.types?.has(type) ?? true));
  }

  async #catchUp(from: bigint): Promise<void> {
    this.#seq = from;
    try {
      // What becomes durable meanwhile is read too, until nothing is left.
      while (this.#seq < this.#engine.seq && this.#isOpen) {
        for await (const { seq, events } of this.#engine.read(this.#seq)) {
          this.#sendBatch(events, seq);
          if (!(await this.#drained())) return;
        }
      }
    } catch (error) {
      if (codeOf(error) !== "JOURNAL_CONFLICT") throw error;
      // Only a snapshot holds these any more.
      this.#seq = this.#engine.seq;
      this.#send({ type: "gap", seq: String(this.#seq) });
    }
    // In one step with the last look: what is told from here on follows it.
    this.#live = true;
  }

  #sendBatch(events: readonly Event[], last: bigint): void {
    const first = last - BigInt(events.length) + 1n;
    for (const [i, event] of events.entries()) {
      const seq = first + BigInt(i);
      if (seq <= this.#seq) continue;
      this.#seq = seq;
      if (teamOf(this.#engine.state, event) === this.team && this.#wants(event.type)) this.#sendEvent(event, seq);
    }
  }

  /** Waits while the reader has more to take than it may lag behind. False when it took nothing for too long. */
  async #drained(): Promise<boolean> {
    if (this.#socket.bufferedAmount <= this.#limits.maxBacklogBytes / 4) return this.#isOpen;
    const sent = new Promise<boolean>((resolve) => {
      const cancel = this.#clock.after(this.#limits.patienceMs, () => resolve(false));
      this.#socket.send(encode({ type: "reached", seq: String(this.#seq) }), (error) => {
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

  #sendEvent(event: Event, seq: bigint): void {
    this.#sendText(encodeEvent(event, seq));
  }

  #send(frame: StreamFrame): void {
    this.#sendText(encode(frame));
  }

  #sendText(text: string): void {
    if (!this.#isOpen) return;
    if (this.#live && this.#socket.bufferedAmount > this.#limits.maxBacklogBytes) return this.#cut();
    this.#socket.send(text);
  }

  #cut(): void {
    if (this.#isOpen) this.#socket.close(tooSlow, `too slow; go on from the last seq, up to ${this.#seq}`);
  }
}

export function encodeEvent(event: Event, seq: bigint): string {
  return encode({ type: "event", seq: String(seq), event: { ...event } });
}

export function encode(frame: StreamFrame): string {
  return JSON.stringify(frame);
}

/** The team that an event is about; the ids of tasks and attempts begin with that of their team. */
export function teamOf(state: State, event: Event): TeamId | undefined {
  if ("team" in event) return typeof event.team === "string" ? event.team : event.team.id;
  if ("attempt" in event) return event.attempt.split("/", 1)[0];
  if ("task" in event) return event.task.split("/", 1)[0];
  if ("agent" in event) return state.agents.get(event.agent)?.team;
  return undefined;
}
