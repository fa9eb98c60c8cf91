/** Where the tasks of a team wait that are not worked on, and the files of those that are. */
import TinyQueue from "tinyqueue";
import { Claims } from "../federation/claims/claims.ts";
import type { Millis } from "../lib/clock.ts";
import type { Task, TaskId } from "../model/records.ts";
import type { TaskState } from "../model/states.ts";
import { ReadyQueue } from "./ready-queue.ts";

export interface Waiting {
  /** Files that tasks work on, from their lease until their work is merged or given up. */
  claims: Claims;
  /** Tasks that may be leased. */
  ready: ReadyQueue;
  /** Tasks in backoff, by the time it ends. May hold stale entries. */
  delayed: TinyQueue<Task>;
  /** Queued tasks that are to be worked on alone in a host. */
  isolated: Set<TaskId>;
}

export function noneWaiting(): Waiting {
  const claims = new Claims();
  return {
    claims,
    ready: new ReadyQueue(claims),
    delayed: new TinyQueue<Task>([], (a, b) => a.notBefore - b.notBefore),
    isolated: new Set(),
  };
}

/** Puts a queued task where the scheduler finds it. */
export function enqueue(index: Waiting, task: Task, at: Millis): void {
  if (task.isolated) {
    index.isolated.add(task.id);
    return;
  }
  if (task.notBefore > at) {
    index.delayed.push(task);
    return;
  }
  index.ready.push(task);
}

/** Moves the tasks whose backoff is over to those that may be leased. */
export function ripen(index: Waiting, at: Millis): void {
  for (let top = index.delayed.peek(); top && top.notBefore <= at; top = index.delayed.peek()) {
    index.delayed.pop();
    if (top.state === "queued") index.ready.push(top);
  }
}

/** Drops tasks that are not queued any more from the top of those in backoff; amortised O(log n) per task. */
function dropStale({ delayed }: Waiting): void {
  for (let top = delayed.peek(); top && top.state !== "queued"; top = delayed.peek()) delayed.pop();
}

/** Whether what a task claims is taken: from its lease until its work is on the branch, where the next one starts. */
export function holdsFiles({ state }: Pick<Task, "state">): boolean {
  return state === "running" || state === "verifying" || state === "merging";
}

/** Keeps queue and claims in step with a task that was `from` until now. */
export function taskMoved(index: Waiting, task: Task, from: TaskState): void {
  if (from === "queued") {
    index.ready.left(task);
    dropStale(index);
  }
  const held = holdsFiles({ state: from });
  if (held === holdsFiles(task)) return;
  if (!held) index.claims.hold(task.id, task.files);
  else if (index.claims.release(task.id)) index.ready.released(task.id);
}
