/**
 * Every state there is, and every move between two of them. `evolve` asserts each move, so what is not
 * in these tables cannot happen.
 */
import { assert } from "../lib/assert.ts";

export type TeamState = "planning" | "running" | "paused" | "done" | "failed" | "killed";
export type TaskState =
  | "blocked"
  | "queued"
  | "running"
  | "verifying"
  | "merging"
  | "done"
  | "failed"
  | "cancelled"
  | "skipped";
export type AgentState =
  | "starting"
  | "idle"
  | "busy"
  | "paused"
  | "draining"
  | "suspect"
  | "stopped"
  | "lost"
  | "ejected";
export type AttemptState =
  | "leased"
  | "running"
  | "verifying"
  | "merging"
  | "accepted"
  | "rejected"
  | "failed"
  | "lost"
  | "cancelled";
/** A node is up, suspect (silent for a while, its work goes on) or lost (its process is known to be gone). */
export type NodeState = "up" | "suspect" | "lost";

export type Moves<S extends string> = Readonly<Record<S, readonly S[]>>;

export const teamMoves: Moves<TeamState> = {
  planning: ["running", "failed", "killed"],
  running: ["paused", "done", "failed", "killed"],
  paused: ["running", "done", "failed", "killed"],
  // A retried task opens an ended team again; a killed one stays killed.
  done: ["running"],
  failed: ["running"],
  killed: [],
};

export const taskMoves: Moves<TaskState> = {
  blocked: ["queued", "cancelled", "skipped"],
  queued: ["running", "failed", "cancelled", "skipped"],
  running: ["verifying", "queued", "failed", "cancelled"],
  // Back to `blocked` when its agent split it: it waits for its parts.
  verifying: ["merging", "queued", "blocked", "failed", "cancelled"],
  merging: ["done", "queued", "failed", "cancelled"],
  done: [],
  failed: ["queued", "blocked"],
  cancelled: ["queued", "blocked"],
  skipped: ["queued", "blocked"],
};

export const agentMoves: Moves<AgentState> = {
  starting: ["idle", "paused", "draining", "stopped", "lost"],
  idle: ["busy", "paused", "draining", "suspect", "stopped", "lost", "ejected"],
  busy: ["idle", "paused", "draining", "suspect", "stopped", "lost", "ejected"],
  paused: ["idle", "busy", "draining", "suspect", "stopped", "lost", "ejected"],
  draining: ["suspect", "stopped", "lost"],
  suspect: ["idle", "busy", "paused", "draining", "stopped", "lost", "ejected"],
  stopped: [],
  lost: [],
  ejected: [],
};

export const attemptMoves: Moves<AttemptState> = {
  leased: ["running", "failed", "lost", "cancelled"],
  running: ["verifying", "failed", "lost", "cancelled"],
  verifying: ["merging", "rejected", "failed", "lost", "cancelled"],
  merging: ["accepted", "rejected", "failed", "lost", "cancelled"],
  accepted: [],
  rejected: [],
  failed: [],
  lost: [],
  cancelled: [],
};

export const nodeMoves: Moves<NodeState> = { up: ["suspect", "lost"], suspect: ["up", "lost"], lost: ["up"] };

/** A count of 0 for each state of a task. */
export function noTaskCounts(): Record<TaskState, number> {
  const states = Object.keys(taskMoves) as TaskState[];
  return Object.fromEntries(states.map((state) => [state, 0])) as Record<TaskState, number>;
}

/** `to`, after asserting that the table allows the move. `what` names the thing that moves. */
export function moved<S extends string>(moves: Moves<S>, what: string, from: S, to: S): S {
  assert(moves[from].includes(to), `${what} cannot go from ${from} to ${to}`);
  return to;
}

/** Whether nothing more can happen to a task by itself. */
export function taskEnded(state: TaskState): boolean {
  return state === "done" || state === "failed" || state === "cancelled" || state === "skipped";
}

export function teamEnded(state: TeamState): boolean {
  return state === "done" || state === "failed" || state === "killed";
}

export function agentEnded(state: AgentState): boolean {
  return state === "stopped" || state === "lost" || state === "ejected";
}

export function attemptEnded(state: AttemptState): boolean {
  return attemptMoves[state].length === 0;
}
