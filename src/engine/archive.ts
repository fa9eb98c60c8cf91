/**
 * Teams that are over leave the state, so that it is as large as what lives. The team's own record stays, with its
 * counts; tasks, attempts and agents are kept beside the journal (`Journal.keep`) before `teamArchived` says that they
 * left. `teamRestored` brings them back, and carries them: a replay never reads what was kept.
 */
import { assert, present } from "../lib/assert.ts";
import { teamIn } from "../model/archived.ts";
import type { Command } from "../model/commands.ts";
import type { Event, TeamEvent } from "../model/events.ts";
import type { Agent, AgentId, Attempt, Task, Team, TeamId } from "../model/records.ts";
import { teamEnded } from "../model/states.ts";
import { pack } from "./frames.ts";
import { encodeRecords, readRecords } from "./snapshot.ts";
import {
  agentOf,
  attemptOf,
  emptyState,
  indexAgent,
  indexTask,
  indexWithoutRecords,
  rebuildIndex,
  type State,
  taskOf,
  teamIndex,
  teamOf,
} from "./state.ts";

/** What leaves with a team. */
export interface Records {
  tasks: Task[];
  attempts: Attempt[];
  agents: Agent[];
}

/** Whether nothing more can happen to any part of the team unless a person or a late report opens it again. */
export function mayLeave(state: State, team: Team): boolean {
  if (!teamEnded(team.state) || team.archived) return false;
  const { live, taskCounts } = teamIndex(state, team.id);
  const { done, failed, cancelled, skipped } = taskCounts;
  return live.size === 0 && done + failed + cancelled + skipped === team.tasks.length;
}

/** Characters of a part: some 2 ms to make. */
const partChars = 1 << 18;

/** What leaves with the team, in parts that take a few ms each. They are made when asked for: until then nothing may change. */
export function partsOf(state: State, team: Team): Generator<Uint8Array> {
  return pack(
    encodeRecords(
      [
        ["tasks", tasksOf(state, team)],
        ["attempts", attemptsOf(state, team)],
        ["agents", agentsOf(state, team)],
      ],
      partChars,
    ),
  );
}

function* tasksOf(state: State, team: Team): Generator<Task> {
  for (const id of team.tasks) yield taskOf(state, id);
}

function* agentsOf(state: State, team: Team): Generator<Agent> {
  for (const id of agentIds(team)) yield agentOf(state, id);
}

function* attemptsOf(state: State, team: Team): Generator<Attempt> {
  for (const task of team.tasks) for (const id of taskOf(state, task).attempts) yield attemptOf(state, id);
}

function* agentIds({ id, agentCount }: Team): Generator<AgentId> {
  for (let number = 1; number <= agentCount; number++) yield `${id}-a${number}`;
}

export function archiveTeam(state: State, event: Extract<TeamEvent, { type: "teamArchived" }>): void {
  const team = teamOf(state, event.team);
  assert(mayLeave(state, team), `team ${team.id} leaves the state before it is over`);
  const { taskCounts, failedAgents, lostAgents, started, startsFailed } = teamIndex(state, team.id);
  for (const id of team.tasks) {
    for (const attempt of taskOf(state, id).attempts) state.attempts.delete(attempt);
    state.tasks.delete(id);
  }
  for (const id of agentIds(team)) state.agents.delete(id);
  const counts = { taskCounts: { ...taskCounts }, failedAgents, lostAgents, started, startsFailed };
  team.archived = { version: event.version, parts: event.parts, counts };
  team.tasks = [];
  // Its heaps may hold tasks that were never taken off them.
  state.index.teams.set(team.id, indexWithoutRecords(team));
}

export function restoreTeam(state: State, event: Extract<TeamEvent, { type: "teamRestored" }>): void {
  const team = teamOf(state, event.team);
  assert(team.archived, `team ${team.id} never left the state`);
  team.archived = null;
  team.tasks = event.tasks.map(({ id }) => id);
  state.index.teams.set(team.id, indexWithoutRecords(team));
  // Copies: the event is told to others, and a replay may hold it.
  for (const task of structuredClone(event.tasks)) {
    state.tasks.set(task.id, task);
    indexTask(state, task);
  }
  for (const attempt of structuredClone(event.attempts)) state.attempts.set(attempt.id, attempt);
  for (const agent of structuredClone(event.agents)) {
    state.agents.set(agent.id, agent);
    indexAgent(state, agent);
  }
}

/** A state that holds one archived team alone, for those who ask about it. `parts`: what was kept. */
export async function loadPast(state: State, id: TeamId, parts: AsyncIterable<Uint8Array>): Promise<State> {
  const past: State = { ...emptyState(), epoch: state.epoch, at: state.at, nodes: state.nodes };
  await readRecords(past, parts);
  past.teams.set(id, { ...teamOf(state, id), archived: null, tasks: [...past.tasks.keys()] });
  rebuildIndex(past);
  return past;
}

export function recordsIn({ tasks, attempts, agents }: State): Records {
  return { tasks: [...tasks.values()], attempts: [...attempts.values()], agents: [...agents.values()] };
}

/** The archived team that `command` cannot be decided without. */
export function archivedFor(state: State, command: Command): TeamId | undefined {
  const team = teamTouched(command);
  return team !== undefined && state.teams.get(team)?.archived ? team : undefined;
}

/** Money that is told late is counted all the same; any other report on what is over changes nothing. */
function teamTouched(command: Command): TeamId | undefined {
  if (command.type === "retryTask") return teamIn(command.task);
  if (command.type !== "acceptReport" || command.report.type !== "attemptSpent") return undefined;
  return teamIn(command.report.attempt);
}

/** Where the parts of an archived team are. */
export function placeOf(state: State, id: TeamId): [key: string, version: string, parts: number] {
  const { version, parts } = present(teamOf(state, id).archived, `the archive of team ${id}`);
  return [id, version, parts];
}

/** How many tasks have left the state by `events`. */
export function tasksLeft(state: State, events: readonly Event[]): number {
  const left = events
    .filter((event) => event.type === "teamArchived")
    .map(({ team }) => state.teams.get(team)?.archived);
  const totals = left.map((archived) => Object.values(archived?.counts.taskCounts ?? {}));
  return totals.flat().reduce((sum, count) => sum + count, 0);
}
