import type { WebSocket } from "ws";
import type { Engine } from "../engine/engine.ts";
import type { Clock } from "../lib/clock.ts";
import type { Event } from "../model/events.ts";
import type { TeamId } from "../model/records.ts";
import { teamEnded } from "../model/states.ts";
import type { NodeLinks } from "./node-link.ts";
import { teamStatus } from "./views.ts";
import type { StreamFrame } from "./wire.ts";

/** Frames that a reader may lag behind, in bytes, before it is cut off; it comes back with a fresh status. */
const maxBacklogBytes = 4 << 20;
const statusEveryMs = 100;

/** Sends one team's status and events to those who watch it. Statuses are thinned; events are all sent, in order. */
export class Streams {
  readonly #engine: Engine;
  readonly #links: NodeLinks;
  readonly #clock: Clock;
  readonly #watchers = new Map<WebSocket, TeamId>();
  #statusDue = false;

  constructor(engine: Engine, links: NodeLinks, clock: Clock) {
    this.#engine = engine;
    this.#links = links;
    this.#clock = clock;
    engine.subscribe((events, seq) => this.#publish(events, seq));
  }

  watch(socket: WebSocket, team: TeamId): void {
    this.#watchers.set(socket, team);
    socket.on("close", () => this.#watchers.delete(socket));
    socket.on("error", () => socket.terminate());
    this.#sendStatus(socket, team);
  }

  /** Something that only views show has changed. */
  touch(): void {
    if (this.#statusDue || this.#watchers.size === 0) return;
    this.#statusDue = true;
    this.#clock.after(statusEveryMs, () => {
      this.#statusDue = false;
      for (const [socket, team] of this.#watchers) this.#sendStatus(socket, team);
    });
  }

  close(): void {
    for (const socket of this.#watchers.keys()) socket.close(1001, "the engine stops");
  }

  #publish(events: readonly Event[], seq: bigint): void {
    if (this.#watchers.size === 0) return;
    const first = seq - BigInt(events.length) + 1n;
    for (const [i, event] of events.entries()) {
      const team = this.#teamOf(event);
      for (const [socket, watched] of this.#watchers) {
        if (watched === team) send(socket, { type: "event", seq: String(first + BigInt(i)), event: { ...event } });
        // Nothing follows an end: say at once how it ended.
        if (watched === team && event.type === "teamEnded") this.#sendStatus(socket, team);
      }
    }
    this.touch();
  }

  #teamOf(event: Event): TeamId | undefined {
    const { state } = this.#engine;
    if ("team" in event) return typeof event.team === "string" ? event.team : event.team.id;
    if ("attempt" in event) return state.attempts.get(event.attempt)?.team;
    if ("task" in event) return state.tasks.get(event.task)?.team;
    if ("agent" in event) return state.agents.get(event.agent)?.team;
    return undefined;
  }

  #sendStatus(socket: WebSocket, id: TeamId): void {
    const { state } = this.#engine;
    const team = state.teams.get(id);
    if (!team) return;
    const activities: { agent: string; text: string }[] = [];
    if (!teamEnded(team.state)) {
      for (const [agent, text] of this.#links.activities) {
        if (state.agents.get(agent)?.team === id) activities.push({ agent, text });
      }
    }
    const status = teamStatus(state, team, { now: this.#engine.now(), reservedUsd: this.#links.reservedOf(id) });
    send(socket, { type: "status", seq: String(this.#engine.seq), status, activities });
  }
}

function send(socket: WebSocket, frame: StreamFrame): void {
  if (socket.readyState !== socket.OPEN) return;
  if (socket.bufferedAmount > maxBacklogBytes) return socket.close(1013, "reader too slow; connect again");
  socket.send(JSON.stringify(frame));
}
