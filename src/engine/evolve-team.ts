import { unreachable } from "../lib/assert.ts";
import type { TaskEvent, TeamEvent } from "../model/events.ts";
import type { Task, TaskSpec, Team } from "../model/records.ts";
import { moved, type TaskState, type TeamState, taskMoves, teamMoves } from "../model/states.ts";
import { noUsage } from "../model/usage.ts";
import { archiveTeam, restoreTeam } from "./archive.ts";
import { raiseBudget, reachBudget, spendOnPlanning } from "./evolve-money.ts";
import { payForRetry } from "./retry-budget.ts";
import { emptyTeamIndex, newestAttempt, rememberedScaler, type State, taskOf, teamIndex, teamOf } from "./state.ts";
import { enqueue, taskMoved } from "./waiting.ts";

export type TeamOrTaskEvent = TeamEvent | TaskEvent;

export function evolveTeam(state: State, event: TeamOrTaskEvent): void {
  switch (event.type) {
    case "teamCreated":
      return createTeam(state, event);
    case "teamPlanned":
      return planTeam(state, event);
    case "teamBudgetReached":
      return reachBudget(state, event);
    case "teamBudgetRaised":
      return raiseBudget(state, event);
    case "teamGatesTried":
      teamOf(state, event.team).redGates = event.gates;
      return;
    case "teamReady":
      teamOf(state, event.team).allReadyAt = event.at;
      return;
    case "teamStoodIn": {
      const team = teamOf(state, event.team);
      if (event.model === null) delete team.standIn;
      else team.standIn = event.model;
      return;
    }
    case "teamShared":
      teamOf(state, event.team).share = event.share;
      return;
    case "teamScaled":
      return scaleTeam(state, event);
    case "teamSpent":
      return spendOnPlanning(state, event);
    case "teamRecovery":
      teamOf(state, event.team).recovery = { breaker: event.breaker, cause: event.cause };
      return;
    case "teamQuarantined":
      Object.assign(teamOf(state, event.team), { startNotBefore: event.until, quarantine: event.evidence });
      return;
    case "teamPaused":
      return moveTeam(teamOf(state, event.team), "paused");
    case "teamResumed":
      return moveTeam(teamOf(state, event.team), "running");
    case "teamReopened":
      return reopenTeam(state, teamOf(state, event.team));
    case "teamEnded":
      return endTeam(state, event);
    case "teamArchived":
      return archiveTeam(state, event);
    case "teamRestored":
      return restoreTeam(state, event);
    default:
      return evolveTask(state, event);
  }
}

function createTeam(state: State, event: Extract<TeamEvent, { type: "teamCreated" }>): void {
  state.teams.set(event.team.id, {
    ...event.team,
    state: "planning",
    createdAt: event.at,
    endedAt: null,
    reason: "",
    allReadyAt: null,
    usage: { ...noUsage },
    tasks: [],
    agentCount: 0,
    startFailures: 0,
    startNotBefore: 0,
    scaling: null,
    archived: null,
  });
  state.index.teams.set(event.team.id, emptyTeamIndex());
  state.index.active.add(event.team.id);
}

function scaleTeam(state: State, event: Extract<TeamEvent, { type: "teamScaled" }>): void {
  const team = teamOf(state, event.team);
  const index = teamIndex(state, event.team);
  team.desired = event.desired;
  index.scaleAgain = true;
  if (event.scaling) {
    team.scaling = event.scaling;
    index.scaler = { ...rememberedScaler(event.scaling), pools: index.scaler?.pools ?? {} };
    return;
  }
  team.scaling = null;
  team.min = event.min ?? team.min;
  team.max = event.max ?? team.max;
}

function planTeam(state: State, event: Extract<TeamEvent, { type: "teamPlanned" }>): void {
  const team = teamOf(state, event.team);
  moveTeam(team, "running");
  team.goal = event.goal;
  team.gates = event.gates;
  if (event.demands) team.demands = event.demands;
  if (event.forecast) team.forecast = event.forecast;
  addTasks(state, team, event.tasks);
}

function addTasks(state: State, team: Team, specs: readonly TaskSpec[]): void {
  for (const spec of specs) {
    state.tasks.set(spec.id, newTask(spec));
    team.tasks.push(spec.id);
  }
  for (const spec of specs) {
    for (const need of spec.needs) taskOf(state, need).dependents.push(spec.id);
  }
  teamIndex(state, team.id).taskCounts.blocked += specs.length;
}

/** The parts are new tasks of the team; the task waits for them, and then may find nothing left to do. */
function splitTask(state: State, task: Task, event: Extract<TaskEvent, { type: "taskSplit" }>): void {
  addTasks(state, teamOf(state, task.team), event.parts);
  moveTask(state, task, "blocked");
  for (const need of event.needs) taskOf(state, need).dependents.push(task.id);
  const parts = [...(task.parts ?? []), ...event.parts.map(({ id }) => id)];
  const openNeeds = task.openNeeds + event.needs.length;
  Object.assign(task, {
    parts,
    openNeeds,
    needs: [...task.needs, ...event.needs],
    budgetUsd: event.budgetUsd,
    diff: "optional",
  });
}

function newTask(spec: TaskSpec): Task {
  return {
    ...spec,
    state: "blocked",
    openNeeds: spec.needs.length,
    dependents: [],
    attempts: [],
    failures: 0,
    losses: 0,
    conflicts: 0,
    notBefore: 0,
    queuedAt: 0,
    feedback: "",
    failure: null,
    commit: null,
    endedAt: null,
  };
}

function moveTeam(team: Team, to: TeamState): void {
  team.state = moved(teamMoves, `team ${team.id}`, team.state, to);
}

function reopenTeam(state: State, team: Team): void {
  moveTeam(team, "running");
  team.endedAt = null;
  team.reason = "";
  team.startFailures = 0;
  state.index.active.add(team.id);
}

function endTeam(state: State, event: Extract<TeamEvent, { type: "teamEnded" }>): void {
  const team = teamOf(state, event.team);
  moveTeam(team, event.state);
  team.endedAt = event.at;
  team.reason = event.reason;
  if (teamIndex(state, team.id).live.size === 0) state.index.active.delete(team.id);
}

function evolveTask(state: State, event: TaskEvent): void {
  const task = taskOf(state, event.task);
  switch (event.type) {
    case "taskQueued":
      moveTask(state, task, "queued");
      if (event.retry) payForRetry(state, teamOf(state, task.team), event.at);
      // One whose attempt was lost keeps its place in the line: its worktree and its session wait for it.
      if (newestAttempt(state, task)?.state !== "lost") task.queuedAt = event.at;
      task.notBefore = event.notBefore;
      task.feedback = event.feedback;
      if (event.takenFrom !== undefined) task.takenFrom = event.takenFrom;
      reopenTask(task);
      return enqueue(teamIndex(state, task.team), task, event.at);
    case "taskBlocked":
      moveTask(state, task, "blocked");
      return reopenTask(task);
    case "taskIsolated":
      task.isolated = true;
      return;
    case "taskCleared":
      delete task.isolated;
      delete task.deaths;
      return;
    case "taskSplit":
      return splitTask(state, task, event);
    case "taskDone":
      moveTask(state, task, "done");
      task.commit = event.commit;
      task.failure = null;
      task.endedAt = event.at;
      for (const dependent of task.dependents) taskOf(state, dependent).openNeeds--;
      return;
    case "taskFailed":
      moveTask(state, task, "failed");
      task.failure = event.failure;
      task.endedAt = event.at;
      return;
    case "taskCancelled":
      moveTask(state, task, "cancelled");
      task.endedAt = event.at;
      return;
    case "taskSkipped":
      moveTask(state, task, "skipped");
      task.failure = { reason: "need-failed", detail: `its need ${event.because} did not get done` };
      task.endedAt = event.at;
      return;
    default:
      unreachable(event);
  }
}

/**
 * A task that a person retries starts with a clean count; one that only goes back to the queue was never ended.
 * One that was isolated stays so: it shall not take others with it once more.
 */
function reopenTask(task: Task): void {
  if (task.endedAt === null) return;
  delete task.deaths;
  Object.assign(task, { endedAt: null, failure: null, failures: 0, losses: 0, conflicts: 0 });
}

/** The one place that changes a task's state, so that the counts always agree. */
export function moveTask(state: State, task: Task, to: TaskState): void {
  const index = teamIndex(state, task.team);
  const from = task.state;
  task.state = moved(taskMoves, `task ${task.id}`, from, to);
  index.taskCounts[from]--;
  index.taskCounts[to]++;
  if (from === "queued") index.isolated.delete(task.id);
  taskMoved(index, task, from);
}
