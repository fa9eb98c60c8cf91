import { join } from "node:path";
import type { Clock } from "../lib/clock.ts";
import { GodelError } from "../lib/errors.ts";
import type { Git } from "./git.ts";
import { breakStaleLock } from "./stale-lock.ts";

/** Reads and moves single refs of one repository. */
export class Refs {
  readonly #git: Git;
  readonly #clock: Clock;
  readonly #common: string;

  constructor(git: Git, clock: Clock, common: string) {
    this.#git = git;
    this.#clock = clock;
    this.#common = common;
  }

  async read(ref: string): Promise<string | null> {
    const options = { gitDir: this.#common, answers: [0, 1] };
    return (await this.#git.text(["rev-parse", "--quiet", "--verify", ref], options)) || null;
  }

  /**
   * Moves `ref` from `from` (null: it must not exist) to `to`.
   * Answers false, with nothing changed, when it is not at `from`.
   */
  async move(ref: string, from: string | null, to: string): Promise<boolean> {
    const run = () => this.#git.run(["update-ref", ref, to, from ?? "0".repeat(to.length)], { gitDir: this.#common });
    try {
      await run();
    } catch (error) {
      if (!(error instanceof GodelError) || error.code !== "GIT_FAILED") throw error;
      const now = await this.read(ref);
      if (now === to) return true;
      if (now !== from) return false;
      if (!(await breakStaleLock(join(this.#common, ref), this.#clock))) throw error;
      await run();
    }
    return true;
  }

  /** Points `ref` at `to`. What another had left there gets a name beside it, so that it is not lost. */
  async take(ref: string, from: string | null, to: string): Promise<void> {
    if (await this.move(ref, from, to)) return;
    const found = await this.read(ref);
    if (found !== null) await this.move(`${ref}-${found.slice(0, 12)}`, null, found);
    if (!(await this.move(ref, found, to))) throw new GodelError("GIT_FAILED", `somebody else keeps moving ${ref}`);
  }
}
