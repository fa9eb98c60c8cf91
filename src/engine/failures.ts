/** What follows when an attempt ends without being accepted: the task is tried again, or it is given up. */
import { hangingOn } from "../federation/resolving/hanging.ts";
import type { Event } from "../model/events.ts";
import type { Attempt, Failure, Task, TaskId } from "../model/records.ts";
import { attemptEnded, taskEnded, teamEnded } from "../model/states.ts";
import { isHostDeath } from "./evolve-host.ts";
import type { Context } from "./options.ts";
import { countsForTask, fleetPace, isOutage, teamPace, turnAt } from "./retry-budget.ts";
import { agentFailed } from "./standing.ts";
import { agentOf, type State, taskOf, teamOf } from "./state.ts";

/** How much of a gate's output or an error is carried in the journal, in characters; the node keeps the whole. */
export const maxDetailChars = 4_000;

export interface BadEnd {
  state: "rejected" | "failed" | "lost";
  failure: Failure;
  commit: string | null;
}

/** The end of `attempt`, and what becomes of its task. Nothing when it has ended already. */
export function endBadly(state: State, attempt: Attempt, end: BadEnd, context: Context): Event[] {
  if (attemptEnded(attempt.state)) return [];
  const failure = { ...end.failure, detail: end.failure.detail.slice(-maxDetailChars) };
  const short = { ...end, failure };
  const blamed = agentFailed(state, attempt, failure, context);
  return [endAttempt(attempt, short, context), ...blamed, ...afterwards(state, attempt, short, context)];
}

export function endAttempt(attempt: Attempt, { state, failure, commit }: BadEnd, { at }: Context): Event {
  return { type: "attemptEnded", at, attempt: attempt.id, state, failure, commit };
}

function afterwards(state: State, attempt: Attempt, { state: end, failure }: BadEnd, context: Context): Event[] {
  const { at, options } = context;
  const task = taskOf(state, attempt.task);
  if (teamEnded(teamOf(state, task.team).state)) return [{ type: "taskCancelled", at, task: task.id }];
  if (failure.reason === "budget") return failTask(state, task, failure, context);
  if (failure.reason === "conflict") {
    const tired = task.conflicts + 1 >= options.maxConflicts;
    return tired ? failTask(state, task, failure, context) : [queue(task, failure, 0, at)];
  }
  if (end === "lost") {
    const counts = !isHostDeath(agentOf(state, attempt.agent), failure);
    const suspect = counts && task.losses + 1 >= options.maxLosses;
    return suspect ? failTask(state, task, failure, context) : [queue(task, failure, 0, at)];
  }
  const tired = countsForTask(failure) && task.failures + 1 >= options.maxFailures;
  if (tired) return failTask(state, task, failure, context);
  const queued = queue(task, failure, retryDelay(task, context), at);
  return [isOutage(failure) ? byTurns(state, task, queued, at) : queued];
}

/** Not before it is the task's turn, in its team and in the fleet. */
function byTurns(state: State, task: Task, queued: Queued, at: number): Event {
  const team = turnAt(teamOf(state, task.team).retriesFullAt, at, teamPace);
  const fleet = turnAt(state.retriesFullAt, at, fleetPace);
  return { ...queued, notBefore: Math.max(queued.notBefore, team, fleet), retry: true };
}

type Queued = Extract<Event, { type: "taskQueued" }>;

/** Back to the queue, `delay` ms from now. */
export function queue(task: Task, failure: Failure, delay: number, at: number): Queued {
  // A lost attempt teaches the next one nothing; what it was told before still holds.
  const lost = failure.reason === "host-lost" || failure.reason === "node-lost" || failure.reason === "agent-killed";
  const feedback = lost ? task.feedback : `${failure.reason}: ${failure.detail}`;
  return { type: "taskQueued", at, task: task.id, notBefore: delay === 0 ? 0 : at + delay, feedback };
}

/** Exponential backoff with jitter, so that tasks that failed together do not come back together. */
function retryDelay(task: Task, { options, random }: Context): number {
  const delay = Math.min(options.retryDelayMs * 2 ** task.failures, options.maxRetryDelayMs);
  return Math.round(delay * (1 + random.next() / 2));
}

/** The task's end as `failed`, and the skipping of all that hangs on it. */
export function failTask(state: State, task: Task, failure: Failure, { at }: Context): Event[] {
  return [{ type: "taskFailed", at, task: task.id, failure }, ...skipDependents(state, task, at)];
}

/** Everything that can never start now, each with the need that stopped it. Breadth first, each once. */
export function skipDependents(state: State, task: Task, at: number, seen = new Set<TaskId>()): Event[] {
  const dependentsOf = ({ dependents }: Task) => dependents.map((id) => taskOf(state, id));
  const enter = ({ id, state: now }: Task) => !taskEnded(now) && !seen.has(id) && Boolean(seen.add(id));
  return hangingOn(task, dependentsOf, enter).map(
    ({ one, because }): Event => ({ type: "taskSkipped", at, task: one.id, because: because.id }),
  );
}
