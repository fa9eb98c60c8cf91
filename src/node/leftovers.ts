import type { Clock, Millis } from "../lib/clock.ts";
import { GodelError } from "../lib/errors.ts";
import type { AttemptId } from "../model/records.ts";
import type { Worktrees } from "./ports.ts";

/** Gap between two tries to release what is left, in ms: disks do not empty themselves in seconds. */
const retryMs: Millis = 60_000;

/**
 * Worktrees whose work could not be kept when their attempts ended: the disk was full, or git in trouble. They are tried
 * again until they are gone. No timer runs while there are none.
 */
export class Leftovers {
  readonly #clock: Clock;
  readonly #workspaces: Pick<Worktrees, "salvage">;
  readonly #live: { has(attempt: AttemptId): boolean };
  #cancel: (() => void) | null = null;
  #stopped = false;

  /** `live`: the attempts that still own their worktrees, as they are at any time. */
  constructor(clock: Clock, workspaces: Pick<Worktrees, "salvage">, live: { has(attempt: AttemptId): boolean }) {
    this.#clock = clock;
    this.#workspaces = workspaces;
    this.#live = live;
  }

  /** There is at least one. */
  expect(): void {
    if (!this.#stopped) this.#cancel ??= this.#clock.after(retryMs, () => void this.#retry());
  }

  /** From now on nothing is tried: the caller salvages. */
  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  async #retry(): Promise<void> {
    this.#cancel = null;
    try {
      const { kept } = await this.#workspaces.salvage(this.#live);
      if (kept.length > 0) this.expect();
    } catch (error) {
      if (!(error instanceof GodelError)) throw error;
      this.expect();
    }
  }
}
