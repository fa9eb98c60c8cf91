import type { ScalerState } from "../federation/auto-scaler.ts";
import type { Records } from "../federation/cascade.ts";
import type { BreakerSnapshot } from "../federation/circuit-breaker.ts";
import type { NodeRoom } from "../federation/resources/room.ts";
import { present } from "../lib/assert.ts";
import type { Millis } from "../lib/clock.ts";
import { type Money, moneyOf, noMoney } from "../model/budget.ts";
import type { Node } from "../model/node-record.ts";
import type { Scaling } from "../model/reasons.ts";
import type { Agent, AgentId, Attempt, AttemptId, NodeId, Task, TaskId, Team, TeamId } from "../model/records.ts";
import { agentEnded, noTaskCounts, type TaskState, teamEnded } from "../model/states.ts";
import { type Choosing, nobodyChosen } from "./choosing.ts";
import { enqueue, holdsFiles, noneWaiting, type Waiting } from "./waiting.ts";

/** All that the engine knows: what `evolve` made of the events so far. */
export interface State {
  epoch: bigint;
  /** Time of the newest event; time never goes below it. */
  at: Millis;
  /** When all retries that the fleet may make at once are to be had again. */
  retriesFullAt: Millis;
  teams: Map<TeamId, Team>;
  tasks: Map<TaskId, Task>;
  attempts: Map<AttemptId, Attempt>;
  agents: Map<AgentId, Agent>;
  nodes: Map<NodeId, Node>;
  /** What is learnt of the tiers that `--model auto` chooses from. */
  tierRecords: Records;
  /** Derived from the rest, so that no decision scans the fleet. Not part of a snapshot. */
  index: Index;
}

export interface Index {
  teams: Map<TeamId, TeamIndex>;
  /** Teams with something left to do: not ended, or with agents that still live. */
  active: Set<TeamId>;
  /** As measured: not known before a node has told it. */
  rooms: Map<NodeId, NodeRoom>;
}

export interface TeamIndex extends Waiting, Choosing {
  taskCounts: Record<TaskState, number>;
  /** Agents that have not ended. */
  live: Set<AgentId>;
  /** How many of them are starting, are draining, and have come up. */
  starting: number;
  draining: number;
  up: number;
  /** Agents that may take work, the one that has been free for longest first. */
  idle: Set<AgentId>;
  /** Those whose standing keeps work from them, or has; it is asked of them alone. */
  limited: Set<AgentId>;
  /** An attempt failed by its agent since outliers were last looked for. */
  hasFailed: boolean;
  /** The agents for them that have not ended, and the free of them. Nothing else here counts them, but `live`. */
  alone: Set<AgentId>;
  idleAlone: Set<AgentId>;
  /** Ended without being asked to. */
  failedAgents: number;
  lostAgents: number;
  /** Agents that ever came up, and that ever failed to. */
  started: number;
  startsFailed: number;
  /** How long the last one to come up took, in ms; 0 before the first. */
  startMs: Millis;
  /** What the scaler remembers between two decisions; after a restart, what the last event of it says. */
  scaler: ScalerState | null;
  /** Its last decision may change with time alone. */
  scaleAgain: boolean;
}

export function emptyState(): State {
  return {
    epoch: 0n,
    at: 0,
    retriesFullAt: 0,
    teams: new Map(),
    tasks: new Map(),
    attempts: new Map(),
    agents: new Map(),
    nodes: new Map(),
    tierRecords: {},
    index: { teams: new Map(), active: new Set(), rooms: new Map() },
  };
}

export function emptyTeamIndex(): TeamIndex {
  return {
    taskCounts: noTaskCounts(),
    ...noneWaiting(),
    ...nobodyChosen(),
    live: new Set(),
    starting: 0,
    draining: 0,
    up: 0,
    idle: new Set(),
    limited: new Set(),
    hasFailed: false,
    alone: new Set(),
    idleAlone: new Set(),
    failedAgents: 0,
    lostAgents: 0,
    started: 0,
    startsFailed: 0,
    startMs: 0,
    scaler: null,
    scaleAgain: true,
  };
}

/** Rebuilds the index of a state that was just loaded from a snapshot. */
export function rebuildIndex(state: State): void {
  state.index = { teams: new Map(), active: new Set(), rooms: new Map() };
  for (const team of state.teams.values()) state.index.teams.set(team.id, indexWithoutRecords(team));
  for (const task of state.tasks.values()) indexTask(state, task);
  for (const agent of [...state.agents.values()].sort((a, b) => a.idleSince - b.idleSince)) indexAgent(state, agent);
  for (const team of state.teams.values()) {
    if (!teamEnded(team.state) || teamIndex(state, team.id).live.size > 0) state.index.active.add(team.id);
  }
}

/** What a team's own record says. */
export function indexWithoutRecords(team: Team): TeamIndex {
  const scaler = team.scaling ? rememberedScaler(team.scaling) : null;
  const counts = team.archived ? structuredClone(team.archived.counts) : {};
  return { ...emptyTeamIndex(), scaler, ...counts };
}

export function indexTask(state: State, task: Task): void {
  const index = teamIndex(state, task.team);
  index.taskCounts[task.state]++;
  if (task.state === "queued") enqueue(index, task, state.at);
  if (holdsFiles(task)) index.claims.hold(task.id, task.files);
}

export function indexAgent(state: State, agent: Agent): void {
  const index = teamIndex(state, agent.team);
  if (!agentEnded(agent.state)) index.live.add(agent.id);
  if (!agentEnded(agent.state) && isLimited(agent)) index.limited.add(agent.id);
  if (agent.alone) {
    if (!agentEnded(agent.state)) index.alone.add(agent.id);
  } else countAlike(index, agent);
  if (agent.state === "idle") idleOf(index, agent).add(agent.id);
  touch(state, agent);
  if (agent.failed) index.failedAgents++;
  if (agent.state === "lost") index.lostAgents++;
}

/** What the scaler knew when it last changed the size of a team: where to go on after a restart. */
export function rememberedScaler({ memory }: Scaling): ScalerState {
  return { ...(memory as Omit<ScalerState, "pools">), pools: {} };
}

/** Those that are not alone in their hosts. */
function countAlike(index: TeamIndex, agent: Agent): void {
  if (agent.readyAt !== null && !agentEnded(agent.state)) index.up++;
  if (agent.state === "draining") index.draining++;
  if (agent.state === "starting") index.starting++;
  if (agent.readyAt !== null) {
    index.started++;
    index.startMs = agent.readyAt - agent.requestedAt;
  } else if (agent.failed) index.startsFailed++;
}

/** Whether the node of an agent has room for further work. */
export function takesWork(state: State, agent: Agent): boolean {
  return state.nodes.get(agent.node)?.pressure === undefined;
}

/** Whether its breaker is not closed, or it was ever set aside for a while. */
export function isLimited({ standing, alone }: Agent): boolean {
  if (!standing || alone) return false;
  const { state } = (standing.breaker ?? {}) as Partial<BreakerSnapshot>;
  return standing.ejectedUntil > 0 || (state !== undefined && state !== "closed");
}

/** Something about an agent changed that who chooses among them must know. */
export function touch(state: State, { id, team, alone }: Agent): void {
  if (alone) return;
  const { touched } = teamIndex(state, team);
  // The last to change comes last: among equals, the one that has been free for longest is chosen.
  touched.delete(id);
  touched.add(id);
}

/** Where an agent stands while it is free. */
export function idleOf(index: TeamIndex, agent: Agent): Set<AgentId> {
  return agent.alone ? index.idleAlone : index.idle;
}

export function teamIndex(state: State, team: TeamId): TeamIndex {
  return present(state.index.teams.get(team), `index of team ${team}`);
}

// Look-ups of things that events refer to: they must be there.

export function teamOf(state: State, id: TeamId): Team {
  return present(state.teams.get(id), `team ${id}`);
}

export function taskOf(state: State, id: TaskId): Task {
  return present(state.tasks.get(id), `task ${id}`);
}

export function agentOf(state: State, id: AgentId): Agent {
  return present(state.agents.get(id), `agent ${id}`);
}

export function attemptOf(state: State, id: AttemptId): Attempt {
  return present(state.attempts.get(id), `attempt ${id}`);
}

/** The attempt that a task is in, if it is in one. */
export function currentAttempt(state: State, task: Task): Attempt | undefined {
  const inOne = task.state === "running" || task.state === "verifying" || task.state === "merging";
  return inOne ? newestAttempt(state, task) : undefined;
}

export function newestAttempt(state: State, task: Task): Attempt | undefined {
  const newest = task.attempts.at(-1);
  return newest === undefined ? undefined : attemptOf(state, newest);
}

/** All its attempts so far, on any node. */
export function spentOnTask(state: State, task: Task): Money {
  const spent = task.attempts.map((id) => moneyOf(attemptOf(state, id).usage));
  return spent.reduce((sum, { usd, tokens }) => ({ usd: sum.usd + usd, tokens: sum.tokens + tokens }), noMoney);
}
