import type { State } from "../engine/state.ts";
import type { Event } from "../model/events.ts";
import type { TeamId } from "../model/records.ts";
import { encode, Frames } from "./frames.ts";
import type { Filter } from "./wanted.ts";

export interface NumberedEvent {
  seq: bigint;
  /** Which team it is about. */
  team: TeamId | undefined;
  event: Event;
}

/** Events one after another, to be sent together: each is encoded once, and each choice of them put together once. */
export class ToldEvents {
  readonly #events: readonly NumberedEvent[];
  readonly #texts: (string | undefined)[] = [];
  readonly #frames = new Map<string, Frames | null>();

  /** `events`: at least one. */
  constructor(events: readonly NumberedEvent[]) {
    this.#events = events;
  }

  get last(): bigint {
    return this.#events.at(-1)?.seq ?? 0n;
  }

  /** Those after the number `after` that pass; null where none does. */
  framesFor(filter: Filter, after: bigint): Frames | null {
    const [first] = this.#events;
    // Whoever comes out of the history may have some of them.
    if (!first || after >= first.seq) return this.#choose(filter, after);
    const known = this.#frames.get(filter.key);
    if (known !== undefined) return known;
    const frames = this.#choose(filter, after);
    this.#frames.set(filter.key, frames);
    return frames;
  }

  #choose({ team, passes }: Filter, after: bigint): Frames | null {
    const texts: string[] = [];
    for (const [i, told] of this.#events.entries()) {
      if (told.seq > after && told.team === team && passes(told.event.type)) texts.push(this.#textOf(i, told));
    }
    return texts.length === 0 ? null : new Frames(texts);
  }

  #textOf(i: number, { event, seq }: NumberedEvent): string {
    const text = this.#texts[i] ?? encode({ type: "event", seq: String(seq), event: { ...event } });
    this.#texts[i] = text;
    return text;
  }
}

/** With their numbers and teams; `last` is that of the last. */
export function numbered(state: State, events: readonly Event[], last: bigint): NumberedEvent[] {
  const first = last - BigInt(events.length) + 1n;
  return events.map((event, i) => ({ seq: first + BigInt(i), team: teamOf(state, event), event }));
}

/** The team that an event is about; the ids of tasks and attempts begin with that of their team. */
export function teamOf(state: State, event: Event): TeamId | undefined {
  if ("team" in event) return typeof event.team === "string" ? event.team : event.team.id;
  if ("attempt" in event) return event.attempt.split("/", 1)[0];
  if ("task" in event) return event.task.split("/", 1)[0];
  if ("agent" in event) return state.agents.get(event.agent)?.team;
  return undefined;
}
