import type { Batch } from "../journal/journal.ts";
import { assert } from "../lib/assert.ts";
import { type Millis, steadyWall } from "../lib/clock.ts";
import { GodelError, messageOf } from "../lib/errors.ts";
import { resolveOptions } from "../lib/options.ts";
import { shortId } from "../lib/random.ts";
import type { Command } from "../model/commands.ts";
import type { Event } from "../model/events.ts";
import type { TeamId } from "../model/records.ts";
import { tasksLeft } from "./archive.ts";
import { Archivist } from "./archivist.ts";
import { decide } from "./decide.ts";
import { evolve } from "./evolve.ts";
import { checkTouched } from "./invariants.ts";
import { type Context, type EngineOptions, engineDefaults } from "./options.ts";
import { overload, type Waiting } from "./overload.ts";
import type { EngineParts, Listener } from "./parts.ts";
import { type Replayed, replay } from "./replay.ts";
import { scaleWake } from "./scaling.ts";
import { nextWake } from "./scheduler.ts";
import { settle } from "./settle.ts";
import { Snapshots, takeByReplay } from "./snapshots.ts";
import type { State } from "./state.ts";

export type { EngineParts, Listener };

/**
 * The loop: commands in, events out, one append for all that came in during a turn.
 *
 * A reply is given, and listeners hear of an event, only once it is durable. Meanwhile memory is ahead of the
 * journal, so an append that fails ends the process: replay brings back what was promised.
 */
export class Engine {
  readonly state: State;
  /** What the last turn took to choose what follows, and to make it durable, in ms. */
  readonly timing = { settleMs: 0, commitMs: 0 };
  readonly #parts: EngineParts;
  readonly #options: EngineOptions;
  readonly #now: () => Millis;
  readonly #listeners = new Set<Listener>();
  readonly #snapshots: Snapshots;
  readonly #archivist: Archivist;
  #queue: Waiting[] = [];
  #turning = false;
  /** Resolves with the end of the turn that is under way. To ask again and again would stop simulated time. */
  #turned: Promise<void> = Promise.resolve();
  #closed = false;
  #seq: bigint;
  #batch = 0;
  #cancelWake = () => {};
  /** When it was last asked what follows from the state by itself. */
  #settledAt: Millis = 0;

  /** Leads the journal, replays it, and records that it leads. @throws GodelError ENGINE_RUNNING, JOURNAL_CORRUPT */
  static async open(parts: EngineParts): Promise<Engine> {
    const { journal, random } = parts;
    const { epoch, mended } = await journal.acquire(shortId(random, "e"), 15_000);
    const replayed = await replay(journal);
    for (const line of [...mended, ...replayed.mended]) parts.report?.(line);
    const engine = new Engine(parts, replayed);
    await engine.#elect(epoch);
    return engine;
  }

  private constructor(parts: EngineParts, replayed: Replayed) {
    const { journal, clock, options, onFatal } = parts;
    this.#parts = parts;
    this.#options = resolveOptions(engineDefaults, options);
    this.#now = steadyWall(clock, replayed.state.at);
    this.state = replayed.state;
    this.#seq = replayed.seq;
    const take = parts.takeSnapshot ?? (() => takeByReplay(journal));
    const report = (line: string) => parts.report?.(line);
    this.#snapshots = new Snapshots({ journal, take, every: this.#options.snapshotEvery, report, onFatal }, replayed);
    const wake = () => this.#wake();
    const files = { journal, clock, report, onFatal };
    this.#archivist = new Archivist({ ...files, state: this.state, options: this.#options, wake });
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

  /** The events after `fromSeq` that are durable, oldest first. @throws GodelError JOURNAL_CONFLICT when they are kept no more */
  read(fromSeq: bigint): AsyncIterable<Batch> {
    return this.#parts.journal.read(fromSeq);
  }

  /** Hears of every event from now on. Returns how to stop. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves with the events that `command` itself caused, once they are durable. @throws GodelError as `decide` does */
  submit(command: Command): Promise<Event[]> {
    assert(!this.#closed, "the engine is closed");
    const refusal = overload(this.#queue.length, command);
    if (refusal) return Promise.reject(refusal);
    return new Promise((resolve, reject) => {
      this.#queue.push({ command, resolve, reject });
      this.#schedule();
    });
  }

  /**
   * What is known of a team: the state itself, or what was kept of it when it left. To read only.
   * @throws GodelError JOURNAL_CORRUPT when that is damaged
   */
  stateOf(team: TeamId): Promise<State> {
    return this.#archivist.stateOf(team);
  }

  /** Runs `work` while the files of the journal's snapshots stay as they are. The fleet goes on. */
  holdSnapshots<T>(work: () => Promise<T>): Promise<T> {
    return this.#snapshots.hold(work);
  }

  /** Whether it still leads, to be asked before it acts on processes. One that does not ends like one whose append failed. */
  async leads(): Promise<boolean> {
    if (this.#closed) return false;
    try {
      await this.#parts.journal.confirm(this.state.epoch);
      return true;
    } catch (error) {
      this.#parts.onFatal(error);
      return false;
    }
  }

  /** Finishes the turn that is under way, saves a snapshot and lets the journal go. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelWake();
    while (this.#turning) await this.#turned;
    await this.#archivist.close();
    await this.#snapshots.last(this.state, this.#seq);
    await this.#parts.journal.close();
  }

  #schedule(): void {
    if (this.#turning) return;
    this.#turning = true;
    // All commands that have arrived by then share one append.
    this.#turned = new Promise((resolve) => {
      this.#parts.clock.soon(() => {
        this.#turn().then(resolve, (error) => this.#parts.onFatal(error));
      });
    });
  }

  async #turn(): Promise<void> {
    const turn = this.#queue;
    this.#queue = [];
    const events: Event[] = [];
    for (const { command } of turn) this.#apply(await this.#archivist.recall(command, this.now()), events);
    const replies = turn.map((waiting) => this.#run(waiting, events));
    this.#settle(events);
    this.#apply(this.#archivist.due(this.now()), events);
    checkTouched(this.state, events);
    await this.#commit(events);
    for (const reply of replies) reply();
    this.#snapshots.offer(this.state, this.#seq, tasksLeft(this.state, events));
    this.#archivist.offer(events, this.now());
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
    this.#settledAt = context.at;
    const start = this.#parts.clock.monotonic();
    settle(this.state, context, (more) => this.#apply(more, events));
    this.timing.settleMs = this.#parts.clock.monotonic() - start;
  }

  #apply(caused: readonly Event[], events: Event[]): void {
    for (const event of caused) {
      evolve(this.state, event);
      this.#archivist.heard(event);
      events.push(event);
    }
  }

  async #commit(events: readonly Event[]): Promise<void> {
    if (events.length === 0) return;
    const batchId = `${this.state.epoch}-${++this.#batch}`;
    const start = this.#parts.clock.monotonic();
    this.#seq = await this.#parts.journal.append(this.state.epoch, this.#seq, batchId, events);
    this.timing.commitMs = this.#parts.clock.monotonic() - start;
    for (const listener of this.#listeners) listener(events, this.#seq);
  }

  async #elect(epoch: bigint): Promise<void> {
    const event: Event = { type: "leaderElected", at: this.now(), epoch: String(epoch) };
    evolve(this.state, event);
    await this.#commit([event]);
  }

  #setWake(): void {
    this.#cancelWake();
    // Since then the append has taken its time, and what ended meanwhile is due.
    const wakes = [nextWake(this.state, this.#settledAt), scaleWake(this.state, this.#settledAt)];
    const at = Math.min(...wakes.filter((wake) => wake !== undefined));
    if (at === Infinity || this.#closed) return;
    this.#cancelWake = this.#parts.clock.after(Math.max(1, at - this.now()), () => this.#wake());
  }

  #wake(): void {
    if (!this.#closed) this.submit({ type: "wake" }).catch((error) => assert(false, messageOf(error)));
  }

  #context(): Context {
    return { at: this.now(), random: this.#parts.random, options: this.#options };
  }
}
