import type { Clock, Millis } from "../lib/clock.ts";
import type { AttemptId } from "../model/records.ts";

/** How long the worktree of a lost attempt waits for the one that goes on in it, in ms: its team may be paused. */
const waitMs: Millis = 10 * 60_000;

/**
 * Attempts that died with their host, or with an earlier node, and whose worktrees and sessions wait for the next
 * attempt at the task. At most one for each worktree there is.
 */
export class Parked {
  readonly #clock: Clock;
  readonly #onExpired: (attempt: AttemptId) => void;
  readonly #waiting = new Map<AttemptId, () => void>();

  constructor(clock: Clock, onExpired: (attempt: AttemptId) => void) {
    this.#clock = clock;
    this.#onExpired = onExpired;
  }

  has(attempt: AttemptId): boolean {
    return this.#waiting.has(attempt);
  }

  add(attempt: AttemptId): void {
    this.take(attempt);
    const cancel = this.#clock.after(waitMs, () => {
      this.#waiting.delete(attempt);
      this.#onExpired(attempt);
    });
    this.#waiting.set(attempt, cancel);
  }

  /** From now on it is the caller's to go on with or to let go. */
  take(attempt: AttemptId): void {
    this.#waiting.get(attempt)?.();
    this.#waiting.delete(attempt);
  }

  /** Takes all of a task or a team: their ids begin with it. */
  takeAll(owner: string): AttemptId[] {
    const taken = [...this.#waiting.keys()].filter((attempt) => attempt.startsWith(`${owner}/`));
    for (const attempt of taken) this.take(attempt);
    return taken;
  }

  /** Nothing waits any more: the caller salvages. */
  clear(): void {
    for (const attempt of [...this.#waiting.keys()]) this.take(attempt);
  }
}
