import type { Engine } from "../engine/engine.ts";
import type { Clock } from "../lib/clock.ts";
import { GodelError } from "../lib/errors.ts";
import type { Event } from "../model/events.ts";
import type { TeamId } from "../model/records.ts";
import { teamEnded } from "../model/states.ts";
import { slowestTasks } from "./at-work.ts";
import type { NodeLinks } from "./node-link.ts";
import {
  encode,
  encodeEvent,
  Reader,
  type ReaderLimits,
  type ReaderSocket,
  readerLimits,
  type Told,
  teamOf,
  type Wanted,
} from "./reader.ts";
import { type Doing, ToldActivities } from "./told-activities.ts";
import { teamStatus } from "./views.ts";

const statusEveryMs = 100;
/** Readers at once; a further one is refused. Each may hold as much memory as it may lag behind. */
const maxReaders = 500;

export type WatchedSocket = ReaderSocket & {
  terminate(): void;
  on(event: "close" | "error", listener: () => void): unknown;
};

/** Sends one team's status and events to those who watch it. Statuses are thinned; events are all sent, in order. */
export class Streams {
  readonly #engine: Engine;
  readonly #links: Pick<NodeLinks, "activities" | "reservedOf" | "parkedOf">;
  readonly #clock: Clock;
  readonly #limits: ReaderLimits;
  readonly #readers = new Map<WatchedSocket, Reader>();
  /** Of each team that somebody watches. */
  readonly #activities = new Map<TeamId, ToldActivities>();
  #statusDue = false;

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
      this.#sendStatus([reader]);
    } catch (error) {
      if (!(error instanceof GodelError)) throw error;
      socket.close(1011, `the history cannot be read: ${error.code}`);
    }
  }

  /** Something that only views show has changed. */
  touch(): void {
    if (this.#statusDue || this.#readers.size === 0) return;
    this.#statusDue = true;
    this.#clock.after(statusEveryMs, () => {
      this.#statusDue = false;
      this.#sendStatus(this.#readers.values());
      for (const told of this.#activities.values()) told.forget();
    });
  }

  close(): void {
    for (const socket of this.#readers.keys()) socket.close(1001, "the engine stops");
  }

  #publish(events: readonly Event[], last: bigint): void {
    if (this.#readers.size === 0) return;
    const first = last - BigInt(events.length) + 1n;
    const told = events.map((event, i): Told => {
      const seq = first + BigInt(i);
      return { seq, team: this.#teamOf(event), type: event.type, text: encodeEvent(event, seq) };
    });
    for (const reader of this.#readers.values()) reader.hear(told);
    // Nothing follows an end: say at once how it ended.
    const ended = new Set(events.filter(({ type }) => type === "teamEnded").map((event) => this.#teamOf(event)));
    this.#sendStatus([...this.#readers.values()].filter((reader) => ended.has(reader.team)));
    this.touch();
  }

  #teamOf(event: Event): TeamId | undefined {
    return teamOf(this.#engine.state, event);
  }

  #forget(socket: WatchedSocket, team: TeamId): void {
    this.#readers.delete(socket);
    if (![...this.#readers.values()].some((reader) => reader.team === team)) this.#activities.delete(team);
  }

  /** Made once for each team and what of it was told, however many read it. */
  #sendStatus(readers: Iterable<Reader>): void {
    const teams = new Map<TeamId, StatusOf | null>();
    for (const reader of readers) {
      if (!reader.takesStatus) continue;
      const known = teams.get(reader.team);
      const status = known === undefined ? this.#statusOf(reader.team) : known;
      teams.set(reader.team, status);
      if (status) reader.status(status.textSince(reader.toldVersion), status.version);
    }
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
    const texts = new Map<number, string>();
    return {
      version: told.version,
      textSince(version) {
        const known = texts.get(version);
        if (known !== undefined) return known;
        const text = encode({ type: "status", seq, status, activities: told.since(version), slowest });
        texts.set(version, text);
        return text;
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

/** How a team stands at one moment. */
interface StatusOf {
  /** Of what its agents do. */
  version: number;
  /** The frame for who knows what they do up to `version`. */
  textSince(version: number): string;
}
