/** Whether the next attempt at a task can go on in the session of the last one. */
import type { Attempt, AttemptId, Task } from "../model/records.ts";
import type { Context } from "./options.ts";
import { attemptOf, type State } from "./state.ts";

/**
 * The attempts that died with their host or node and may have left a session, the newest first. Nothing after any other
 * end: who failed has said its last word, and who was stopped by a person was stopped for a reason. Nothing either when
 * that session was gone on in too often.
 */
export function sessionLeft(
  state: State,
  task: Task,
  { options }: Pick<Context, "options">,
): { resumes?: AttemptId[] } {
  const died = task.attempts.map((id) => attemptOf(state, id)).toReversed();
  const alive = died.findIndex((attempt) => !diedWithItsHost(attempt));
  const lost = alive < 0 ? died : died.slice(0, alive);
  const begun = lost.findIndex(({ startedAt }) => startedAt !== null);
  if (begun < 0 || timesResumed(lost) >= options.maxResumes) return {};
  return {
    resumes: lost
      .slice(0, begun + 1)
      .filter(mayHoldIt)
      .map(({ id }) => id),
  };
}

function diedWithItsHost({ state, failure }: Attempt): boolean {
  return state === "lost" && (failure?.reason === "host-lost" || failure?.reason === "node-lost");
}

/** One that has not begun may have taken over the session that it was given. */
function mayHoldIt({ startedAt, resumes }: Attempt): boolean {
  return startedAt !== null || resumes !== undefined;
}

function timesResumed(lost: readonly Attempt[]): number {
  const begun = lost.filter(({ startedAt }) => startedAt !== null);
  const first = begun.findIndex(({ resumption }) => resumption === undefined || "refused" in resumption);
  return first < 0 ? begun.length : first;
}
