import type { Engine } from "../engine/engine.ts";
import type { Clock, Millis } from "../lib/clock.ts";
import { GodelError } from "../lib/errors.ts";
import type { Event } from "../model/events.ts";
import type { TeamId } from "../model/records.ts";
import { teamEnded } from "../model/states.ts";
import { slowestTasks } from "./at-work.ts";
import { Frames } from "./frames.ts";
import type { NodeLinks } from "./node-link.ts";
import { Reader, type ReaderLimits, type ReaderSocket, readerLimits, type StatusOf } from "./reader.ts";
import { type Doing, ToldActivities } from "./told-activities.ts";
import { type NumberedEvent, numbered, ToldEvents } from "./told-events.ts";
import { teamStatus } from "./views.ts";
import type { Wanted } from "./wanted.ts";

/**
 * Between two writes to a reader, in ms: events gather meanwhile. A write costs the same for one event as for ten, and
 * with many readers writes are what the stream costs.
 */
export const gatherMs: Millis = 50;
/** Between two statuses, in ms: every second write. */
export const statusEveryMs: Millis = 100;
/** Readers at once; a further one is refused. Each may hold as much memory as it may lag behind. */
const maxReaders = 500;

export type WatchedSocket = ReaderSocket & {
  terminate(): void;
  on(event: "close" | "error", listener: () => void): unknown;
};

/** Sends one team's status and events to those who watch it. Statuses are thinned; events are all sent, in order, in batches. */
export class Streams {
  readonly #engine: Engine;
  readonly #links: Pick<NodeLinks, "activities" | "reservedOf" | "parkedOf">;
  readonly #clock: Clock;
  readonly #limits: ReaderLimits;
  readonly #readers = new Map<WatchedSocket, Reader>();
  /** Of each team that somebody watches. */
  readonly #activities = new Map<TeamId, ToldActivities>();
  /** Durable, and not sent to anybody yet. */
  #gathered: NumberedEvent[] = [];
  #sentAt = Number.NEGATIVE_INFINITY;
  #statusAt = Number.NEGATIVE_INFINITY;
  #statusDue = false;
  #cancel: (() => void) | null = null;

  constructor(
    parts: { engine: Engine; links: Pick<NodeLinks, "activities" | "reservedOf" | "parkedOf">; clock: Clock },
    limits: ReaderLimits = readerLimits,
  ) {
    this.#engine = parts.engine;
    this.#links = parts.links;
    this.#clock = parts.clock;
    this.#limits = limits;
    this.#engine.subscribe((events, seq) => this.#publish(events, seq));
  }

  /** How many watch. */
  get readers(): number {
    return this.#readers.size;
  }

  /** @throws GodelError OVERLOADED */
  checkRoom(): void {
    if (this.#readers.size < maxReaders) return;
    throw new GodelError("OVERLOADED", `${maxReaders} readers watch already.`);
  }

  async watch(socket: WatchedSocket, wanted: Wanted): Promise<void> {
    const parts = { engine: this.#engine, clock: this.#clock, limits: this.#limits };
    const reader = new Reader({ socket, wanted, ...parts });
    this.#readers.set(socket, reader);
    socket.on("close", () => this.#forget(socket, reader.team));
    socket.on("error", () => socket.terminate());
    try {
      await reader.begin();
      this.#send((each) => each === reader);
    } catch (error) {
      if (!(error instanceof GodelError)) throw error;
      socket.close(1011, `the history cannot be read: ${error.code}`);
    }
  }

  /** Something that only views show has changed. */
  touch(): void {
    if (this.#readers.size === 0) return;
    this.#statusDue = true;
    this.#sendSoon();
  }

  close(): void {
    this.#cancel?.();
    this.#send(() => false);
    for (const socket of this.#readers.keys()) socket.close(1001, "the engine stops");
  }

  #publish(events: readonly Event[], last: bigint): void {
    if (this.#readers.size === 0) return;
    const told = numbered(this.#engine.state, events, last);
    for (const each of told) this.#gathered.push(each);
    this.touch();
    // Nothing follows an end: say at once how it ended.
    const ended = new Set(told.filter(({ event }) => event.type === "teamEnded").map(({ team }) => team));
    if (ended.size > 0) this.#send(({ team }) => ended.has(team));
  }

  #sendSoon(): void {
    const wait = Math.max(0, this.#sentAt + gatherMs - this.#clock.monotonic());
    this.#cancel ??= this.#clock.after(wait, () => this.#sendDue());
  }

  #sendDue(): void {
    this.#cancel = null;
    const now = this.#clock.monotonic();
    this.#sentAt = now;
    // Timers are a little late or early: a status that is almost due goes with this write.
    const withStatus = this.#statusDue && now - this.#statusAt > statusEveryMs - gatherMs / 2;
    if (withStatus) [this.#statusDue, this.#statusAt] = [false, now];
    this.#send(() => withStatus);
    if (withStatus) for (const told of this.#activities.values()) told.forget();
    if (this.#statusDue) this.#sendSoon();
  }

  /** What has gathered, to all, and to those that `hasStatus` picks how their teams stand after it. */
  #send(hasStatus: (reader: Reader) => boolean): void {
    const events = this.#gathered.length === 0 ? null : new ToldEvents(this.#gathered);
    if (events) [this.#gathered, this.#sentAt] = [[], this.#clock.monotonic()];
    // Made once for each team and what of it was told, however many read it.
    const statuses = new Map<TeamId, StatusOf | null>();
    const statusOf = (team: TeamId) => {
      const known = statuses.get(team);
      if (known !== undefined) return known;
      const status = this.#statusOf(team);
      statuses.set(team, status);
      return status;
    };
    for (const reader of this.#readers.values()) {
      reader.hear(events, reader.takesStatus && hasStatus(reader) ? statusOf(reader.team) : null);
    }
  }

  #forget(socket: WatchedSocket, team: TeamId): void {
    this.#readers.delete(socket);
    if (![...this.#readers.values()].some((reader) => reader.team === team)) this.#activities.delete(team);
  }

  #statusOf(id: TeamId): StatusOf | null {
    const { state } = this.#engine;
    const team = state.teams.get(id);
    if (!team) return null;
    const told = this.#activities.get(id) ?? new ToldActivities();
    this.#activities.set(id, told);
    told.note(teamEnded(team.state) ? [] : this.#doing(id));
    const [reservedUsd, parked] = [this.#links.reservedOf(id), this.#links.parkedOf(id)];
    const now = this.#engine.now();
    const status = teamStatus(state, team, { now, reservedUsd, parked, options: this.#engine.options });
    const slowest = slowestTasks(state, id, { now, activities: this.#links.activities });
    const seq = String(this.#engine.seq);
    const all = new Map<number, Frames>();
    return {
      version: told.version,
      framesSince(version) {
        const known = all.get(version);
        if (known !== undefined) return known;
        const frames = Frames.of({ type: "status", seq, status, activities: told.since(version), slowest });
        all.set(version, frames);
        return frames;
      },
    };
  }

  #doing(team: TeamId): Doing[] {
    const { agents } = this.#engine.state;
    const doing: Doing[] = [];
    for (const [id, text] of this.#links.activities) {
      const agent = agents.get(id);
      if (agent?.team === team && text !== "") doing.push({ agent: id, attempt: agent.attempt, text });
    }
    return doing;
  }
}
