import { missingSkills } from "../federation/agent-selector.ts";
import { DependencyResolver } from "../federation/dependency-resolver.ts";
import type { ExecutionPlan } from "../federation/resolving/execution-plan.ts";
import { GodelError } from "../lib/errors.ts";
import { inRange } from "../lib/options.ts";
import { maxBudgetUsd } from "../model/budget.ts";
import type { Command } from "../model/commands.ts";
import type { Event } from "../model/events.ts";
import type { Plan } from "../model/plan.ts";
import type { TaskId, TaskSpec, Team, TeamId, TeamSpec } from "../model/records.ts";
import { checkShare, shareOf } from "../model/share.ts";
import { taskEnded, teamEnded } from "../model/states.ts";
import type { Context } from "./options.ts";
import { currentAttempt, type State, taskOf, teamIndex } from "./state.ts";

type Asked<T extends Command["type"]> = Extract<Command, { type: T }>;

export function createTeam(state: State, { team, plan }: Asked<"createTeam">, context: Context): Event[] {
  for (const other of state.teams.values()) {
    const clash = other.repo === team.repo && other.name === team.name;
    if (clash) throw new GodelError("TEAM_EXISTS", `team "${team.name}" exists for ${team.repo} (${other.state}).`);
  }
  checkBounds(team, context);
  checkShare(shareOf(team));
  const created: Event = { type: "teamCreated", at: context.at, team };
  return plan ? [created, ...plannedEvents(team, plan, context)] : [created];
}

export function planTeam(state: State, { team: id, plan }: Asked<"planTeam">, context: Context): Event[] {
  const team = findTeam(state, id);
  return team.state === "planning" ? plannedEvents(team, plan, context) : [];
}

/** The order and ranks of a plan that the team can carry out. @throws GodelError PLAN_INVALID on a cycle, SKILL_MISSING when a task asks for what no agent of the team can. */
export function checkAgainstTeam(team: Pick<TeamSpec, "skills">, plan: Plan): ExecutionPlan {
  const resolved = new DependencyResolver().resolve(plan.tasks);
  for (const task of plan.tasks) {
    const missing = missingSkills(task.skills, team.skills);
    if (missing.length === 0) continue;
    const has = team.skills.length === 0 ? "they have none" : `they have: ${team.skills.join(", ")}`;
    throw new GodelError(
      "SKILL_MISSING",
      `task "${task.id}" needs the skill "${missing[0]}", which no agent of the team has (${has}).`,
    );
  }
  return resolved;
}

function plannedEvents(team: TeamSpec, plan: Plan, { at }: Context): Event[] {
  const resolved = checkAgainstTeam(team, plan);
  const tasks = plan.tasks.map((task, order): TaskSpec => {
    const { id: key, ...rest } = task;
    const needs = task.needs.map((need) => taskId(team.id, need));
    return { ...rest, id: taskId(team.id, key), key, team: team.id, needs, rank: resolved.rankOf(key), order };
  });
  const gates = [...new Set([...plan.gates, ...team.gates])];
  const { demands, forecast } = plan;
  const foreseen = { ...(demands && { demands }), ...(forecast && { forecast }) };
  const planned: Event = {
    type: "teamPlanned",
    at,
    team: team.id,
    goal: team.goal || plan.goal,
    gates,
    tasks,
    ...foreseen,
  };
  const ready = tasks.filter(({ needs }) => needs.length === 0);
  return [planned, ...ready.map(({ id }): Event => ({ type: "taskQueued", at, task: id, notBefore: 0, feedback: "" }))];
}

function taskId(team: TeamId, key: string): TaskId {
  return `${team}/${key}`;
}

export function noteRedGates(state: State, { team: id, gates }: Asked<"noteRedGates">, { at }: Context): Event[] {
  const team = findTeam(state, id);
  return team.redGates || teamEnded(team.state) ? [] : [{ type: "teamGatesTried", at, team: id, gates }];
}

export function failTeam(state: State, { team: id, reason }: Asked<"failTeam">, { at }: Context): Event[] {
  const team = findTeam(state, id);
  return teamEnded(team.state) ? [] : [{ type: "teamEnded", at, team: id, state: "failed", reason }];
}

export function chargeTeam(state: State, { team: id, usage }: Asked<"chargeTeam">, { at }: Context): Event[] {
  findTeam(state, id);
  return [{ type: "teamSpent", at, team: id, usage }];
}

export function scaleTeam(state: State, command: Asked<"scaleTeam">, context: Context): Event[] {
  const { team: id, desired, min = desired, max = desired } = command;
  const team = findLiveTeam(state, id);
  checkBounds({ desired, min, max }, context);
  const isKnown = min === team.min && max === team.max && (min < max || desired === team.desired);
  return isKnown ? [] : [{ type: "teamScaled", at: context.at, team: id, desired, min, max }];
}

export function shareTeam(state: State, { team: id, share }: Asked<"shareTeam">, { at }: Context): Event[] {
  const team = findLiveTeam(state, id);
  const known = shareOf(team);
  checkShare(share);
  if (share.weight === known.weight && share.priority === known.priority) return [];
  return [{ type: "teamShared", at, team: id, share }];
}

export function standIn(state: State, { team: id, model }: Asked<"standIn">, { at }: Context): Event[] {
  const team = findLiveTeam(state, id);
  return model === (team.standIn ?? null) ? [] : [{ type: "teamStoodIn", at, team: id, model }];
}

/** @throws GodelError OPTION_RANGE below what it is: that may be given out, and spent */
export function raiseBudget(state: State, { team: id, budgetUsd }: Asked<"raiseBudget">, { at }: Context): Event[] {
  const team = findTeam(state, id);
  if (team.state === "killed") throw new GodelError("TEAM_ENDED", `team "${team.name}" was killed.`);
  if (budgetUsd === team.budgetUsd) return [];
  if (budgetUsd !== null) inRange("budget", budgetUsd, team.budgetUsd ?? maxBudgetUsd, maxBudgetUsd);
  return [{ type: "teamBudgetRaised", at, team: id, budgetUsd }];
}

export function pauseTeam(state: State, id: TeamId, { at }: Context): Event[] {
  const team = findLiveTeam(state, id);
  if (team.state === "paused") return [];
  if (team.state === "planning") throw new GodelError("TEAM_STATE", `team "${team.name}" is still planning.`);
  const agents = [...teamIndex(state, id).live].map((agent) => state.agents.get(agent));
  const holds = agents.filter((agent) => agent?.state === "idle" || agent?.state === "busy");
  return [
    { type: "teamPaused", at, team: id },
    ...holds.map((agent): Event => ({ type: "agentPaused", at, agent: agent?.id ?? "" })),
  ];
}

export function resumeTeam(state: State, id: TeamId, { at }: Context): Event[] {
  const team = findLiveTeam(state, id);
  if (team.state !== "paused") return [];
  const agents = [...teamIndex(state, id).live].filter((agent) => state.agents.get(agent)?.state === "paused");
  return [
    { type: "teamResumed", at, team: id },
    ...agents.map((agent): Event => ({ type: "agentResumed", at, agent })),
  ];
}

/** Cancels all that is open, except a merge in progress: its outcome is moments away and must be known. */
export function killTeam(state: State, id: TeamId, { at }: Context): Event[] {
  const team = findLiveTeam(state, id);
  const events: Event[] = [];
  for (const task of team.tasks.map((key) => taskOf(state, key))) {
    if (taskEnded(task.state) || task.state === "merging") continue;
    const attempt = currentAttempt(state, task);
    if (attempt) {
      const failure = { reason: "cancelled", detail: "the team was killed" } as const;
      events.push({ type: "attemptEnded", at, attempt: attempt.id, state: "cancelled", failure, commit: null });
    }
    events.push({ type: "taskCancelled", at, task: task.id });
  }
  return [...events, { type: "teamEnded", at, team: id, state: "killed", reason: "killed by a person" }];
}

export function findTeam(state: State, id: TeamId): Team {
  const team = state.teams.get(id);
  if (!team) throw new GodelError("TEAM_NOT_FOUND", `no team "${id}".`);
  return team;
}

function findLiveTeam(state: State, id: TeamId): Team {
  const team = findTeam(state, id);
  if (teamEnded(team.state)) throw new GodelError("TEAM_ENDED", `team "${team.name}" has ended (${team.state}).`);
  return team;
}

function checkBounds({ desired, min, max }: Pick<TeamSpec, "desired" | "min" | "max">, { options }: Context): void {
  inRange("max", max, 1, options.maxAgents);
  inRange("min", min, min < max ? 0 : 1, max);
  inRange("count", desired, min, max);
  const fraction = [desired, min, max].find((count) => !Number.isInteger(count));
  if (fraction === undefined) return;
  throw new GodelError("OPTION_RANGE", `agents are counted in whole numbers, got ${fraction}.`);
}
