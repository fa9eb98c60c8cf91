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
import { teamStatus } from "./views.ts";
import type { StreamFrame } from "./wire.ts";

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
    socket.on("close", () => this.#readers.delete(socket));
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

  /** Made once for each team, however many read it. */
  #sendStatus(readers: Iterable<Reader>): void {
    const texts = new Map<TeamId, string | null>();
    for (const reader of readers) {
      if (!reader.isLive) continue;
      const known = texts.get(reader.team);
      const text = known === undefined ? this.#statusText(reader.team) : known;
      texts.set(reader.team, text);
      if (text !== null) reader.status(text);
    }
  }

  #statusText(team: TeamId): string | null {
    const frame = this.#statusOf(team);
    return frame === null ? null : encode(frame);
  }

  #statusOf(id: TeamId): Extract<StreamFrame, { type: "status" }> | null {
    const { state } = this.#engine;
    const team = state.teams.get(id);
    if (!team) return null;
    const activities: { agent: string; text: string }[] = [];
    if (!teamEnded(team.state)) {
      for (const [agent, text] of this.#links.activities) {
        if (state.agents.get(agent)?.team === id) activities.push({ agent, text });
      }
    }
    const [reservedUsd, parked] = [this.#links.reservedOf(id), this.#links.parkedOf(id)];
    const now = this.#engine.now();
    const status = teamStatus(state, team, { now, reservedUsd, parked, options: this.#engine.options });
    const slowest = slowestTasks(state, id, { now, activities: this.#links.activities });
    return { type: "status", seq: String(this.#engine.seq), status, activities, slowest };
  }
}
