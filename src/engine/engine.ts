import type { Journal } from "../journal/journal.ts";
import { assert } from "../lib/assert.ts";
import { type Clock, type Millis, steadyWall } from "../lib/clock.ts";
import { codeOf, GodelError, messageOf } from "../lib/errors.ts";
import { resolveOptions } from "../lib/options.ts";
import type { Random } from "../lib/random.ts";
import { shortId } from "../lib/random.ts";
import type { Command } from "../model/commands.ts";
import type { Event } from "../model/events.ts";
import { decide } from "./decide.ts";
import { evolve } from "./evolve.ts";
import { checkInvariants } from "./invariants.ts";
import { type Context, type EngineOptions, engineDefaults } from "./options.ts";
import { nextWake } from "./scheduler.ts";
import { settle } from "./settle.ts";
import { loadSnapshot, takeSnapshot } from "./snapshot.ts";
import { emptyState, type State } from "./state.ts";

export interface EngineParts {
  journal: Journal;
  clock: Clock;
  random: Random;
  options?: Partial<EngineOptions>;
  /** Called when the engine can't go on: its memory is ahead of its journal. The process must end. */
  onFatal(error: unknown): void;
}

/** Events that are durable now, in order, and the number of the last. */
export type Listener = (events: readonly Event[], seq: bigint) => void;

interface Waiting {
  command: Command;
  resolve(events: Event[]): void;
  reject(error: unknown): void;
}

/**
 * The loop: commands in, events out, one append for all that came in during a turn.
 *
 * A reply is given, and listeners hear of an event, only once it is durable. Meanwhile memory is ahead of the
 * journal, so an append that fails ends the process: replay brings back what was promised.
 */
export class Engine {
  readonly state: State;
  readonly #parts: EngineParts;
  readonly #options: EngineOptions;
  readonly #now: () => Millis;
  readonly #listeners = new Set<Listener>();
  #queue: Waiting[] = [];
  #turning = false;
  #closed = false;
  #seq: bigint;
  #snapshotSeq: bigint;
  #nextSnapshot: bigint;
  #batch = 0;
  #cancelWake = () => {};

  /** Leads the journal, replays it, and records that it leads. @throws GodelError ENGINE_RUNNING, JOURNAL_CORRUPT */
  static async open(parts: EngineParts): Promise<Engine> {
    const { journal, random } = parts;
    const { epoch } = await journal.acquire(shortId(random, "e"), 15_000);
    const { state, seq, snapshotSeq } = await replay(journal);
    const engine = new Engine(parts, state, seq, snapshotSeq);
    await engine.#elect(epoch);
    return engine;
  }

  private constructor(parts: EngineParts, state: State, seq: bigint, snapshotSeq: bigint) {
    this.#parts = parts;
    this.#options = resolveOptions(engineDefaults, parts.options);
    this.#now = steadyWall(parts.clock, state.at);
    this.state = state;
    this.#seq = seq;
    this.#snapshotSeq = snapshotSeq;
    this.#nextSnapshot = snapshotSeq + BigInt(this.#options.snapshotEvery);
  }

  /** The number of the last durable event. */
  get seq(): bigint {
    return this.#seq;
  }

  get options(): EngineOptions {
    return this.#options;
  }

  /** Wall time as events see it: it never goes back. */
  now(): Millis {
    return this.#now();
  }

  /** Hears of every event from now on. Returns how to stop. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves with the events that `command` itself caused, once they are durable. @throws GodelError as `decide` does */
  submit(command: Command): Promise<Event[]> {
    assert(!this.#closed, "the engine is closed");
    return new Promise((resolve, reject) => {
      this.#queue.push({ command, resolve, reject });
      this.#schedule();
    });
  }

  /** Finishes the turn that is under way, saves a snapshot and lets the journal go. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelWake();
    const { clock } = this.#parts;
    while (this.#turning || this.#queue.length > 0) await new Promise<void>((resolve) => clock.soon(resolve));
    await this.#saveSnapshot();
    await this.#parts.journal.close();
  }

  #schedule(): void {
    if (this.#turning) return;
    this.#turning = true;
    // All commands that have arrived by then share one append.
    this.#parts.clock.soon(() => {
      this.#turn().catch((error) => this.#parts.onFatal(error));
    });
  }

  async #turn(): Promise<void> {
    const turn = this.#queue;
    this.#queue = [];
    const events: Event[] = [];
    const replies = turn.map((waiting) => this.#run(waiting, events));
    this.#settle(events);
    await this.#commit(events);
    for (const reply of replies) reply();
    if (this.#seq >= this.#nextSnapshot) await this.#saveSnapshot();
    this.#setWake();
    this.#turning = false;
    if (this.#queue.length > 0) this.#schedule();
  }

  /** Decides one command and applies its events. Returns the reply, to be given when the turn is durable. */
  #run({ command, resolve, reject }: Waiting, events: Event[]): () => void {
    let caused: Event[];
    try {
      caused = decide(this.state, command, this.#context());
    } catch (error) {
      // Anything but a caller's mistake is our own bug, and must not reach the journal.
      if (!(error instanceof GodelError)) throw error;
      return () => reject(error);
    }
    this.#apply(caused, events);
    return () => resolve(caused);
  }

  #settle(events: Event[]): void {
    const context = this.#context();
    for (let more = settle(this.state, context); more.length > 0; more = settle(this.state, context)) {
      this.#apply(more, events);
    }
  }

  #apply(caused: readonly Event[], events: Event[]): void {
    for (const event of caused) {
      evolve(this.state, event);
      events.push(event);
    }
  }

  async #commit(events: readonly Event[]): Promise<void> {
    if (events.length === 0) return;
    const batchId = `${this.state.epoch}-${++this.#batch}`;
    this.#seq = await this.#parts.journal.append(this.state.epoch, this.#seq, batchId, events);
    for (const listener of this.#listeners) listener(events, this.#seq);
  }

  async #elect(epoch: bigint): Promise<void> {
    const event: Event = { type: "leaderElected", at: this.now(), epoch: String(epoch) };
    evolve(this.state, event);
    await this.#commit([event]);
  }

  /** A snapshot only makes the next start quicker, so one that finds no room is left for later. */
  async #saveSnapshot(): Promise<void> {
    if (this.#seq === this.#snapshotSeq) return;
    checkInvariants(this.state);
    const chunks = takeSnapshot(this.state);
    this.#nextSnapshot = this.#seq + BigInt(this.#options.snapshotEvery);
    try {
      await this.#parts.journal.saveSnapshot(this.state.epoch, this.#seq, asyncIterable(chunks));
      this.#snapshotSeq = this.#seq;
    } catch (error) {
      if (codeOf(error) !== "DISK_FULL") throw error;
    }
  }

  #setWake(): void {
    this.#cancelWake();
    const at = nextWake(this.state, this.now());
    if (at === undefined || this.#closed) return;
    this.#cancelWake = this.#parts.clock.after(Math.max(1, at - this.now()), () => {
      if (!this.#closed) this.submit({ type: "wake" }).catch((error) => assert(false, messageOf(error)));
    });
  }

  #context(): Context {
    return { at: this.now(), random: this.#parts.random, options: this.#options };
  }
}

interface Replayed {
  state: State;
  seq: bigint;
  snapshotSeq: bigint;
}

/** The state that a journal holds: its snapshot, and every event since. Decides nothing. */
export async function replay(journal: Pick<Journal, "latestSnapshot" | "read">): Promise<Replayed> {
  const snapshot = await journal.latestSnapshot();
  const state = snapshot ? await loadSnapshot(snapshot.chunks) : emptyState();
  const snapshotSeq = snapshot?.seq ?? 0n;
  let seq = snapshotSeq;
  for await (const batch of journal.read(snapshotSeq)) {
    const known = batch.events.length - Number(batch.seq - seq);
    for (const event of batch.events.slice(known)) evolve(state, event);
    seq = batch.seq;
  }
  checkInvariants(state);
  return { state, seq, snapshotSeq };
}

async function* asyncIterable<T>(items: Iterable<T>): AsyncIterable<T> {
  yield* items;
}
