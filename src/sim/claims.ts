/** Files that tasks claim in a simulation, and what a claim means, written down by hand and not worked out. */
import type { State } from "../engine/state.ts";
import type { Event } from "../model/events.ts";
import type { TaskId, TeamId } from "../model/records.ts";
import { promised } from "./broken-promise.ts";

/** Of a repository with six files. */
const meaning = {
  "a/**": ["a/1", "a/2"],
  "a/1": ["a/1"],
  "b/*": ["b/1", "b/2"],
  "{b,c}/2": ["b/2", "c/2"],
  "**/1": ["a/1", "b/1", "c/1"],
  c: ["c/1", "c/2"],
} as const;

export type SimClaim = keyof typeof meaning;

export const simClaims = Object.keys(meaning) as SimClaim[];

const alone = "no two tasks that claim the same file run side by side";

/** Holds the engine to what the person asked for, which it may have forgotten. */
export class ClaimPromises {
  readonly #state: State;
  /** Of tasks that claim any, by team. */
  readonly #files = new Map<TeamId, Map<TaskId, Set<string>>>();

  constructor(state: State, teams: readonly { id: TeamId; tasks: readonly { key: string; files: SimClaim[] }[] }[]) {
    this.#state = state;
    for (const { id, tasks } of teams) {
      const claimed = tasks.filter(({ files }) => files.length > 0);
      const means = claimed.map(({ key, files }): [TaskId, Set<string>] => {
        return [`${id}/${key}`, new Set(files.flatMap((claim): readonly string[] => meaning[claim]))];
      });
      this.#files.set(id, new Map(means));
    }
  }

  /** Once `event` is applied, and all that became durable with it. */
  heard(event: Event): void {
    if (event.type !== "attemptLeased") return;
    const ofTeam = this.#files.get(this.#state.tasks.get(event.task)?.team ?? "");
    const own = ofTeam?.get(event.task);
    if (!ofTeam || !own) return;
    for (const [other, files] of ofTeam) {
      if (other === event.task || !this.#isOpen(other) || !this.#isOpen(event.task)) continue;
      const shared = [...files].find((file) => own.has(file));
      promised(shared === undefined, alone, () => `${event.task} was started while ${other} works on ${shared}`);
    }
  }

  /** Its work is under way, and not on the branch yet. */
  #isOpen(id: TaskId): boolean {
    const state = this.#state.tasks.get(id)?.state;
    return state === "running" || state === "verifying" || state === "merging";
  }
}
