/**
 * A task that turned out to be too large for one agent is split while it runs: its agent hands in the parts as a plan.
 * The parts come before the task, which then runs once more for what is left. Needs and budget move to the parts.
 */

import { missingSkills } from "../federation/agent-selector.ts";
import { splitBudget } from "../federation/decomposing/split-budget.ts";
import { DependencyResolver } from "../federation/dependency-resolver.ts";
import { GodelError } from "../lib/errors.ts";
import type { Event } from "../model/events.ts";
import { type Plan, type PlanTask, planLimits } from "../model/plan.ts";
import type { Attempt, Task, TaskId, TaskSpec } from "../model/records.ts";
import { endBadly } from "./failures.ts";
import type { Context, EngineOptions } from "./options.ts";
import { type State, spentOnTask, teamOf } from "./state.ts";

/** Whether the agent of `task` is told that it may split it. */
export function maySplit(task: Task, { maxSplitDepth }: Pick<EngineOptions, "maxSplitDepth">): boolean {
  return (task.splitDepth ?? 0) < maxSplitDepth;
}

/** The end of the attempt that handed in `parts`, and the parts; or a failed attempt, told why they cannot be taken. */
export function splitTask(
  state: State,
  attempt: Attempt,
  task: Task,
  parts: Plan,
  commit: string | null,
  context: Context,
): Event[] {
  const { at } = context;
  const refusal = refusalOf(state, task, parts, context);
  if (refusal !== "") {
    const failure = { reason: "split-refused", detail: refusal } as const;
    return endBadly(state, attempt, { state: "failed", failure, commit }, context);
  }
  const specs = specsOf(state, task, withBudget(state, task, parts));
  const needed = new Set(specs.flatMap(({ needs }) => needs));
  const ends = specs.filter(({ id }) => !needed.has(id)).map(({ id }) => id);
  const budgetUsd =
    task.budgetUsd === null ? null : task.budgetUsd - specs.reduce((sum, spec) => sum + (spec.budgetUsd ?? 0), 0);
  return [
    { type: "attemptEnded", at, attempt: attempt.id, state: "cancelled", failure: null, commit },
    { type: "taskSplit", at, task: task.id, parts: specs, needs: ends, budgetUsd },
    ...specs
      .filter(({ needs }) => needs.length === 0)
      .map(({ id }): Event => ({ type: "taskQueued", at, task: id, notBefore: 0, feedback: "" })),
  ];
}

/** Why the parts cannot be taken, or "". */
function refusalOf(state: State, task: Task, { tasks, gates }: Plan, { options }: Context): string {
  if (!maySplit(task, options)) return `a task may be split ${options.maxSplitDepth} deep, and this one is`;
  if (tasks.length > options.maxParts) return `${tasks.length} parts; at most ${options.maxParts} are allowed`;
  if (gates.length > 0) return "gates of the parts belong to each part";
  const team = teamOf(state, task.team);
  const long = tasks.find(({ id }) => partKey(task, id).length > planLimits.idChars);
  if (long) return `the id "${long.id}" is too long for a part of ${task.key}`;
  for (const { id, skills } of tasks) {
    const [missing] = missingSkills(skills, team.skills);
    if (missing !== undefined) return `part "${id}" needs the skill "${missing}", which no agent of the team has`;
  }
  const known = tasks.find(({ id }) => state.tasks.has(`${task.team}/${partKey(task, id)}`));
  if (known) return `there is a part "${known.id}" already`;
  return faultsOf(state, task, { tasks });
}

/** What only shows when it is tried: circles, and a budget that is too small. */
function faultsOf(state: State, task: Task, { tasks }: Pick<Plan, "tasks">): string {
  try {
    new DependencyResolver().resolve(tasks);
    withBudget(state, task, { goal: "", gates: [], tasks });
    return "";
  } catch (error) {
    if (error instanceof GodelError) return error.message;
    throw error;
  }
}

/** What is left of the task's own budget, split over the parts; the reserve stays with the task. */
function withBudget(state: State, task: Task, parts: Plan): PlanTask[] {
  if (task.budgetUsd === null) return parts.tasks;
  return splitBudget(parts, task.budgetUsd - spentOnTask(state, task).usd).tasks;
}

function specsOf(state: State, task: Task, parts: readonly PlanTask[]): TaskSpec[] {
  const resolved = new DependencyResolver().resolve(parts);
  const idOf = (key: string): TaskId => `${task.team}/${partKey(task, key)}`;
  const count = teamOf(state, task.team).tasks.length;
  return parts.map(({ id, needs, ...rest }, i) => ({
    ...rest,
    id: idOf(id),
    key: partKey(task, id),
    team: task.team,
    needs: needs.map(idOf),
    rank: task.rank + resolved.rankOf(id),
    order: count + i,
    splitDepth: (task.splitDepth ?? 0) + 1,
  }));
}

function partKey(task: Task, id: string): string {
  return `${task.key}-${id}`;
}
