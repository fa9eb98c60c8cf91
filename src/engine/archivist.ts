import type { Journal } from "../journal/journal.ts";
import type { Clock, Millis } from "../lib/clock.ts";
import { codeOf, GodelError, messageOf } from "../lib/errors.ts";
import type { Command } from "../model/commands.ts";
import type { Event } from "../model/events.ts";
import type { Team, TeamId } from "../model/records.ts";
import { teamEnded } from "../model/states.ts";
import { archivedFor, loadPast, mayLeave, partsOf, placeOf, recordsIn } from "./archive.ts";
import { thingsOf } from "./invariants.ts";
import type { EngineOptions } from "./options.ts";
import type { State } from "./state.ts";

export interface ArchivistParts {
  journal: Journal;
  clock: Clock;
  state: State;
  options: Pick<EngineOptions, "archiveAfterMs" | "maxEndedTasks">;
  /** Has the engine ask for `due`. */
  wake(): void;
  report(line: string): void;
  onFatal(error: unknown): void;
}

/** What could not be kept now is tried again after so long, in ms. */
const retryMs = 60_000;

/** A team on its way out: its parts are being written, or all are. */
interface Leaving {
  team: TeamId;
  version: string;
  parts: number;
  written: boolean;
  /** Something happened to it meanwhile: what was written of it is not true any more. */
  stale: boolean;
}

/**
 * Puts teams away that are over: one at a time, those that ended first before others, each part with a pause after it
 * for the loop. A team leaves once all of its parts are durable, in a turn of the loop, if nothing befell it meanwhile.
 */
export class Archivist {
  readonly #parts: ArchivistParts;
  /** Teams that are over, in the order in which they ended. May hold stale entries. */
  readonly #queue: { id: TeamId; tasks: number }[] = [];
  /** How many tasks they have in all. */
  #endedTasks = 0;
  #leaving: Leaving | null = null;
  #underWay: Promise<void> | null = null;
  #versions = 0;
  #notBefore: Millis = 0;
  #cancel = () => {};
  #closed = false;

  constructor(parts: ArchivistParts) {
    this.#parts = parts;
    const ended = [...parts.state.teams.values()].filter((team) => teamEnded(team.state) && !team.archived);
    for (const team of ended.sort((a, b) => (a.endedAt ?? 0) - (b.endedAt ?? 0))) this.#add(team);
  }

  /** To be told of each event as it is applied. */
  heard(event: Event): void {
    const { state } = this.#parts;
    if (event.type === "teamEnded" || event.type === "teamRestored") {
      const team = state.teams.get(event.team);
      if (team) this.#add(team);
    }
    if (this.#leaving && teamOfEvent(state, event) === this.#leaving.team) this.#leaving.stale = true;
  }

  /** The end of a team's stay, when it can be told. To be applied at once, and then to be made durable. */
  due(at: Millis): Event[] {
    const leaving = this.#leaving;
    if (!leaving?.written) return [];
    this.#leaving = null;
    const { state } = this.#parts;
    const team = state.teams.get(leaving.team);
    if (!team || !teamEnded(team.state)) return [];
    if (leaving.stale || !mayLeave(state, team)) {
      this.#add(team);
      return [];
    }
    const { version, parts } = leaving;
    return [{ type: "teamArchived", at, team: team.id, version, parts }];
  }

  /** What `events`, which are durable now, leave to be tidied up; and the next team on its way. Returns at once. */
  offer(events: readonly Event[], now: Millis): void {
    for (const event of events) if (event.type === "teamArchived") this.#tidy(event.team, event.version);
    this.#cancel();
    if (this.#closed || this.#underWay || this.#leaving) return;
    const { options, clock, state } = this.#parts;
    const team = this.#next();
    if (!team) return;
    const full = this.#endedTasks > options.maxEndedTasks;
    const at = Math.max(this.#notBefore, full ? now : (team.endedAt ?? 0) + options.archiveAfterMs);
    if (at > now) {
      this.#cancel = clock.after(at - now, () => this.offer([], at));
      return;
    }
    this.#shift();
    // Its last agents are still on their way out: others go first, and when they are gone there is another turn.
    if (!mayLeave(state, team)) this.#add(team);
    else this.#run(this.#write(team));
  }

  /** The state that knows a team: the engine's own, or what was kept of it when it left. @throws GodelError JOURNAL_CORRUPT */
  async stateOf(team: TeamId): Promise<State> {
    const { state, journal } = this.#parts;
    if (!state.teams.get(team)?.archived) return state;
    return loadPast(state, team, journal.kept(...placeOf(state, team)));
  }

  /** Brings back the team that `command` needs. Where that cannot be, the command is refused and the loop goes on. */
  async recall(command: Command, at: Millis): Promise<Event[]> {
    const { state, report } = this.#parts;
    const team = archivedFor(state, command);
    if (team === undefined) return [];
    try {
      return [{ type: "teamRestored", at, team, ...recordsIn(await this.stateOf(team)) }];
    } catch (error) {
      if (codeOf(error) !== "JOURNAL_CORRUPT") throw error;
      report(`team ${team} cannot come back: ${messageOf(error)}`);
      return [];
    }
  }

  /** Resolves when nothing of it touches the journal any more. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel();
    while (this.#underWay) await this.#underWay;
  }

  #add(team: Team): void {
    this.#queue.push({ id: team.id, tasks: team.tasks.length });
    this.#endedTasks += team.tasks.length;
  }

  #shift(): void {
    this.#endedTasks -= this.#queue.shift()?.tasks ?? 0;
  }

  /** The first that is over still. */
  #next(): Team | undefined {
    for (let first = this.#queue[0]; first; first = this.#queue[0]) {
      const team = this.#parts.state.teams.get(first.id);
      if (team && teamEnded(team.state) && !team.archived) return team;
      this.#shift();
    }
    return undefined;
  }

  async #write(team: Team): Promise<void> {
    const { journal, state, clock, wake } = this.#parts;
    const version = `${state.epoch}-${++this.#versions}`;
    const current: Leaving = { team: team.id, version, parts: 0, written: false, stale: false };
    this.#leaving = current;
    for (const bytes of partsOf(state, team)) {
      await journal.keep(state.epoch, { key: team.id, version: current.version, part: current.parts++, bytes });
      await new Promise<void>((resolve) => clock.soon(resolve));
      if (this.#closed) return;
      if (current.stale) break;
    }
    current.written = true;
    wake();
  }

  #tidy(team: TeamId, version: string): void {
    const { journal, state } = this.#parts;
    this.#run(journal.dropOthers(state.epoch, team, version));
  }

  #run(work: Promise<void>): void {
    const before = this.#underWay;
    const all = Promise.all([before, work])
      .then(
        () => {},
        (error) => this.#explain(error),
      )
      .finally(() => {
        if (this.#underWay === all) this.#underWay = null;
      });
    this.#underWay = all;
  }

  #explain(error: unknown): void {
    if (!(error instanceof GodelError) || error.code === "EPOCH_STALE") return this.#parts.onFatal(error);
    const { state, report } = this.#parts;
    const team = state.teams.get(this.#leaving?.team ?? "");
    this.#leaving = null;
    this.#notBefore = state.at + retryMs;
    if (team) this.#add(team);
    report(`no team is put away now: ${messageOf(error)}`);
  }
}

function teamOfEvent(state: State, event: Event): TeamId | undefined {
  if ("team" in event) return typeof event.team === "string" ? event.team : event.team.id;
  const { task, agent } = thingsOf(state, event);
  return task?.team ?? agent?.team;
}
