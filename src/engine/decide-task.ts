import { GodelError } from "../lib/errors.ts";
import type { Event } from "../model/events.ts";
import type { Task, TaskId } from "../model/records.ts";
import { taskEnded } from "../model/states.ts";
import { skipDependents } from "./failures.ts";
import type { Context } from "./options.ts";
import { currentAttempt, type State, taskOf, teamOf } from "./state.ts";

/** Opens an ended task again, and with it the team and the tasks that were skipped because of it. */
export function retryTask(state: State, id: TaskId, { at }: Context): Event[] {
  const task = findTask(state, id);
  const team = teamOf(state, task.team);
  if (team.state === "killed") throw new GodelError("TEAM_ENDED", `team "${team.name}" was killed.`);
  if (!taskEnded(task.state) || task.state === "done") {
    throw new GodelError("TASK_NOT_RETRYABLE", `task "${task.key}" is ${task.state}.`);
  }
  const stuck = task.needs
    .map((need) => taskOf(state, need))
    .find((need) => taskEnded(need.state) && need.state !== "done");
  if (stuck) throw new GodelError("TASK_NOT_RETRYABLE", `its need "${stuck.key}" is ${stuck.state}; retry that one.`);
  const events: Event[] = [];
  if (team.state === "done" || team.state === "failed") events.push({ type: "teamReopened", at, team: team.id });
  events.push(reopen(task, at));
  for (const dependent of skippedBecauseOf(state, task)) events.push({ type: "taskBlocked", at, task: dependent.id });
  return events;
}

function reopen(task: Task, at: number): Event {
  if (task.openNeeds > 0) return { type: "taskBlocked", at, task: task.id };
  return { type: "taskQueued", at, task: task.id, notBefore: 0, feedback: task.feedback };
}

/** The skipped tasks below `task` that hang on no other task that ended without being done. */
function skippedBecauseOf(state: State, task: Task): Task[] {
  const opened = new Set<TaskId>([task.id]);
  const found: Task[] = [];
  const frontier = [task];
  for (let above = frontier.shift(); above; above = frontier.shift()) {
    for (const dependent of above.dependents.map((id) => taskOf(state, id))) {
      if (dependent.state !== "skipped" || opened.has(dependent.id)) continue;
      const free = dependent.needs.every((need) => opened.has(need) || !givenUp(taskOf(state, need)));
      if (!free) continue;
      opened.add(dependent.id);
      found.push(dependent);
      frontier.push(dependent);
    }
  }
  return found;
}

function givenUp(task: Task): boolean {
  return taskEnded(task.state) && task.state !== "done";
}

export function cancelTask(state: State, id: TaskId, { at }: Context): Event[] {
  const task = findTask(state, id);
  if (task.state === "cancelled") return [];
  if (taskEnded(task.state)) throw new GodelError("TASK_ENDED", `task "${task.key}" is ${task.state}.`);
  if (task.state === "merging") throw new GodelError("TASK_MERGING", `task "${task.key}" is being merged.`);
  const events: Event[] = [];
  const attempt = currentAttempt(state, task);
  if (attempt) {
    const failure = { reason: "cancelled", detail: "the task was cancelled" } as const;
    events.push({ type: "attemptEnded", at, attempt: attempt.id, state: "cancelled", failure, commit: null });
  }
  return [...events, { type: "taskCancelled", at, task: id }, ...skipDependents(state, task, at)];
}

/** Takes a task from the agent that works on it. Nobody has failed: the attempt counts against neither of them. */
export function reassignTask(state: State, id: TaskId, { at }: Context): Event[] {
  const task = findTask(state, id);
  if (taskEnded(task.state)) throw new GodelError("TASK_ENDED", `task "${task.key}" is ${task.state}.`);
  if (task.state === "merging") throw new GodelError("TASK_MERGING", `task "${task.key}" is being merged.`);
  const attempt = currentAttempt(state, task);
  if (!attempt || task.state !== "running") {
    throw new GodelError("TASK_STATE", `task "${task.key}" is ${task.state}; no agent works on it.`);
  }
  const failure = { reason: "cancelled", detail: "a person gave the task to another agent" } as const;
  const { agent } = attempt;
  return [
    { type: "attemptEnded", at, attempt: attempt.id, state: "cancelled", failure, commit: null },
    { type: "taskQueued", at, task: id, notBefore: 0, feedback: task.feedback, takenFrom: agent },
  ];
}

function findTask(state: State, id: TaskId): Task {
  const task = state.tasks.get(id);
  if (!task) throw new GodelError("TASK_NOT_FOUND", `no task "${id}".`);
  return task;
}
