import type { Clock, Millis } from "../lib/clock.ts";
import { GodelError } from "../lib/errors.ts";
import type { AttemptId } from "../model/records.ts";
import type { Worktrees } from "./ports.ts";

/** Gap between two tries to release what is left, in ms: disks do not empty themselves in seconds. */
const retryMs: Millis = 60_000;

/**
 * Worktrees of attempts that have ended, but could not be released: the disk was full, or git in trouble. They are
 * tried again until they are gone. At most one for each attempt; a node that leaves or starts salvages them too.
 */
export class Leftovers {
  readonly #clock: Clock;
  readonly #workspaces: Worktrees;
  readonly #left = new Set<AttemptId>();
  #cancel: (() => void) | null = null;

  constructor(clock: Clock, workspaces: Worktrees) {
    this.#clock = clock;
    this.#workspaces = workspaces;
  }

  add(attempt: AttemptId): void {
    this.#left.add(attempt);
    this.#cancel ??= this.#clock.after(retryMs, () => void this.#retry());
  }

  /** From now on nothing is tried: the caller salvages. */
  stop(): void {
    this.#cancel?.();
    this.#left.clear();
  }

  async #retry(): Promise<void> {
    this.#cancel = null;
    for (const attempt of [...this.#left]) {
      try {
        await this.#workspaces.release(attempt);
        this.#left.delete(attempt);
      } catch (error) {
        if (!(error instanceof GodelError)) throw error;
      }
    }
    for (const attempt of this.#left) this.add(attempt);
  }
}
