import { type Records, recordsIn } from "../engine/archive.ts";
import { readRecords } from "../engine/snapshot.ts";
import { emptyState, type State } from "../engine/state.ts";
import { type MemoryStore, openMemoryJournal } from "../journal/index.ts";
import type { Event } from "../model/events.ts";
import type { Task, TeamId } from "../model/records.ts";
import { promised } from "./broken-promise.ts";

const true_ = "what left the state is as it was";

interface Past {
  records: Records;
  version: string;
  parts: number;
}

/** What a witness knows of teams that left the state, to hold the engine to it. */
export class Archives {
  readonly #teams = new Map<TeamId, Past>();

  /** All tasks of teams that left. */
  get tasks(): Task[] {
    return [...this.#teams.values()].flatMap(({ records }) => records.tasks);
  }

  recordsOf(team: TeamId): Records | undefined {
    return this.#teams.get(team)?.records;
  }

  /** To be told before `state` is. */
  hear(event: Event, { tasks, attempts, agents }: State): void {
    if (event.type === "teamArchived") {
      const of = <T extends { team: TeamId }>(map: Map<string, T>) => {
        return [...map.values()].filter(({ team }) => team === event.team);
      };
      const records = { tasks: of(tasks), attempts: of(attempts), agents: of(agents) };
      this.#teams.set(event.team, { records, version: event.version, parts: event.parts });
    }
    if (event.type !== "teamRestored") return;
    const past = this.#teams.get(event.team);
    promised(textOf(past?.records) === textOf(event), true_, () => `${event.team} came back as another`);
    this.#teams.delete(event.team);
  }

  /** Whether all of it is on the disk. */
  async check(store: MemoryStore): Promise<void> {
    for (const [team, { records, version, parts }] of this.#teams) {
      const state = emptyState();
      await readRecords(state, openMemoryJournal(store).kept(team, version, parts));
      promised(textOf(recordsIn(state)) === textOf(records), true_, () => `${team} is kept as another`);
    }
  }
}

function textOf(records: Records | undefined): string {
  const sorted = (list: { id: string }[] = []) => list.map((one) => JSON.stringify(one)).sort();
  return JSON.stringify([sorted(records?.tasks), sorted(records?.attempts), sorted(records?.agents)]);
}
