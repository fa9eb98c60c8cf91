/** The engine's state as the wire shows it. Pure; what is not journaled (links, activities) comes in as `Live`. */

import { heldByLost } from "../engine/allowances.ts";
import type { EngineOptions } from "../engine/options.ts";
import { entitled } from "../engine/shares.ts";
import { type State, taskOf, teamIndex } from "../engine/state.ts";
import { iso } from "../lib/clock.ts";
import type { Parked } from "../model/parked.ts";
import type { Noted } from "../model/reasons.ts";
import type { Agent, Attempt, Task, Team, TeamId } from "../model/records.ts";
import { shareOf } from "../model/share.ts";
import { type AgentState, agentEnded, type TaskState, teamEnded } from "../model/states.ts";
import { alertsOf } from "./alerts.ts";
import { chosenText, heldOf, recordOf } from "./choices.ts";
import { costOf, tokensOf } from "./costs.ts";
import { parkedGroups } from "./parked-views.ts";
import { tierViews } from "./tiers.ts";
import type { AgentView, AttemptView, Sighting, TaskDetail, TaskSummary, TeamStatus, TeamSummary } from "./wire.ts";

/** What agents do right now, by agent id. */
export type Activities = ReadonlyMap<string, string>;

/** What is not journaled of a team. */
export interface LiveTeam {
  now: number;
  reservedUsd: number;
  parked: readonly Parked[];
  /** Of the engine. */
  options: EngineOptions;
}

/** What is not journaled of agents. */
export interface LiveAgents {
  activities: Activities;
  parkedOf(team: TeamId): readonly Parked[];
}

export function teamSummary(state: State, team: Team): TeamSummary {
  const { taskCounts, live } = teamIndex(state, team.id);
  return {
    id: team.id,
    name: team.name,
    state: team.state,
    goal: team.goal,
    repo: team.repo,
    branch: team.branch,
    createdAt: iso(team.createdAt),
    endedAt: isoOrNull(team.endedAt),
    agents: live.size,
    tasks: { total: totalOf(taskCounts), done: taskCounts.done, failed: taskCounts.failed },
    spentUsd: team.usage.costUsd,
    budgetUsd: team.budgetUsd,
  };
}

/** `live`: what is not journaled. */
export function teamStatus(state: State, team: Team, live: LiveTeam): TeamStatus {
  const index = teamIndex(state, team.id);
  return {
    team: {
      id: team.id,
      name: team.name,
      state: team.state,
      reason: team.reason,
      goal: team.goal,
      repo: team.repo,
      branch: team.branch,
      model: team.model,
      runtime: team.runtime,
      createdAt: iso(team.createdAt),
      endedAt: isoOrNull(team.endedAt),
    },
    alerts: alertsOf(state, team),
    tiers: tierViews(state, team, live.now),
    agents: agentCounts(state, team),
    parked: parkedGroups(state, live.parked),
    share: shareView(state, team, live),
    scaling: scalingOf(team),
    tasks: { total: totalOf(index.taskCounts), ...index.taskCounts },
    cost: costOf(team, index.taskCounts.done, { ...live, reservedUsd: live.reservedUsd + heldByLost(state, team) }),
    timing: {
      allReadyMs: team.allReadyAt === null ? null : team.allReadyAt - team.createdAt,
      expectedMs: team.forecast?.makespanMs ?? null,
      elapsedMs: Math.max(0, (team.endedAt ?? live.now) - team.createdAt),
    },
  };
}

/** Those of a team that left the state are counted too. */
function totalOf(counts: Record<TaskState, number>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function agentCounts(state: State, team: Team): TeamStatus["agents"] {
  const index = teamIndex(state, team.id);
  const counts = { starting: 0, idle: 0, busy: 0, paused: 0, draining: 0, suspect: 0 };
  for (const id of index.live) {
    const agent = state.agents.get(id);
    const shown = agent && shownState(state, agent);
    if (shown && shown in counts) counts[shown as keyof typeof counts]++;
  }
  return {
    desired: team.desired,
    min: team.min,
    max: team.max,
    total: index.live.size,
    ...counts,
    lost: index.lostAgents,
    failed: index.failedAgents,
  };
}

function shareView(state: State, team: Team, live: LiveTeam): TeamStatus["share"] {
  const agents = teamEnded(team.state) ? Number.POSITIVE_INFINITY : entitled(state, team, live);
  return { ...shareOf(team), agents: Number.isFinite(agents) ? agents : null };
}

function scalingOf({ scaling }: Team): TeamStatus["scaling"] {
  if (!scaling) return null;
  const { at, why, reason, limitedBy } = scaling;
  return { at: iso(at), why, reason, limitedBy };
}

/** An agent of a node that has gone silent is suspect, whatever it did last. */
export function shownState(state: State, agent: Agent): AgentState {
  if (agentEnded(agent.state)) return agent.state;
  return state.nodes.get(agent.node)?.state === "suspect" ? "suspect" : agent.state;
}

/** A node says once a second what it has reserved. What was paid out of it since is spent, and would count twice. */
export function taskSummary(state: State, task: Task): TaskSummary {
  const attempts = attemptsOf(state, task);
  return {
    id: task.id,
    team: task.team,
    key: task.key,
    title: task.title,
    state: task.state,
    needs: task.needs.map((need) => taskOf(state, need).key),
    skills: task.skills,
    priority: task.priority,
    attempts: attempts.length,
    agent: attempts.at(-1)?.agent ?? null,
    costUsd: attempts.reduce((sum, { usage }) => sum + usage.costUsd, 0),
    attemptCostUsd: attempts.at(-1)?.usage.costUsd ?? 0,
    commit: task.commit,
    reason: task.failure?.reason ?? null,
    queuedAt: isoOrNull(task.queuedAt || null),
    leasedAt: isoOrNull(attempts.at(-1)?.leasedAt ?? null),
    endedAt: isoOrNull(task.endedAt),
  };
}

export function taskDetail(state: State, task: Task): TaskDetail {
  return {
    ...taskSummary(state, task),
    prompt: task.prompt,
    gates: task.gates,
    files: task.files,
    dependents: task.dependents.map((id) => taskOf(state, id).key),
    failure: task.failure,
    attemptList: attemptsOf(state, task).map((attempt) => attemptView(state, task, attempt)),
  };
}

function attemptView(state: State, task: Task, attempt: Attempt): AttemptView {
  return {
    id: attempt.id,
    number: attempt.number,
    agent: attempt.agent,
    state: attempt.state,
    leasedAt: iso(attempt.leasedAt),
    startedAt: isoOrNull(attempt.startedAt),
    endedAt: isoOrNull(attempt.endedAt),
    failure: attempt.failure,
    commit: attempt.commit,
    files: attempt.files ?? null,
    ref: refOf(state, task, attempt),
    transcript: attempt.transcript,
    resumption: attempt.resumption ?? null,
    costUsd: attempt.usage.costUsd,
    tokens: tokensOf(attempt.usage),
  };
}

/** Where the work of an attempt is kept in the team's repository. */
export function refOf(state: State, task: Task, { number }: Attempt): string {
  return `refs/godel/${state.teams.get(task.team)?.name}/${task.key}/${number}`;
}

function attemptsOf(state: State, task: Task): Attempt[] {
  return task.attempts.map((id) => state.attempts.get(id)).filter((attempt) => attempt !== undefined);
}

/** Attempts and costs of all agents of a team at once: one pass, not one for each agent. */
export function agentViews(state: State, agents: readonly Agent[], live: LiveAgents): AgentView[] {
  const work = new Map<string, { attempts: number; costUsd: number }>();
  const teams = new Set(agents.map(({ team }) => team));
  const parked = new Map([...teams].flatMap((team) => live.parkedOf(team)).map((each) => [each.attempt, each]));
  for (const attempt of state.attempts.values()) {
    if (!teams.has(attempt.team)) continue;
    const sum = work.get(attempt.agent) ?? { attempts: 0, costUsd: 0 };
    work.set(attempt.agent, { attempts: sum.attempts + 1, costUsd: sum.costUsd + attempt.usage.costUsd });
  }
  return agents.map((agent) => ({
    id: agent.id,
    team: agent.team,
    node: agent.node,
    runtime: agent.runtime,
    model: agent.model,
    skills: agent.skills,
    state: shownState(state, agent),
    hostPid: agent.hostPid,
    sessionId: agent.sessionId,
    attempt: agent.attempt,
    task: agent.attempt === null ? null : (state.attempts.get(agent.attempt)?.task ?? null),
    activity: agent.attempt === null ? "" : (live.activities.get(agent.id) ?? ""),
    parked: parkedView(agent.attempt === null ? undefined : parked.get(agent.attempt)),
    requestedAt: iso(agent.requestedAt),
    readyAt: isoOrNull(agent.readyAt),
    endedAt: isoOrNull(agent.endedAt),
    reason: agent.reason,
    suspicion: agent.suspicion ? sightingOf(agent.suspicion) : null,
    held: heldOf(state, agent),
    record: recordOf(agent, state.at),
    chosen: chosenText(state, agent),
    anomalies: (agent.anomalies ?? []).map(sightingOf),
    attempts: 0,
    costUsd: 0,
    ...work.get(agent.id),
  }));
}

function sightingOf({ at, signal, detail }: Noted): Sighting {
  return { at: iso(at), signal, detail };
}

function parkedView(parked: Parked | undefined): AgentView["parked"] {
  return parked ? { why: parked.why, until: isoOrNull(parked.until) } : null;
}

function isoOrNull(at: number | null): string | null {
  return at === null ? null : iso(at);
}
