import pLimit from "p-limit";
import type { Clock } from "../lib/clock.ts";
import { GodelError } from "../lib/errors.ts";
import type { TeamBrief } from "../model/link.ts";
import type { AttemptId } from "../model/records.ts";
import type { Git } from "./git.ts";
import { Refs } from "./refs.ts";
import { commonDir } from "./repository.ts";

/** Every commit on a team's branch ends in these. */
export const trailers = { task: "Godel-Task", attempt: "Godel-Attempt" } as const;

/** A team's branch: where it stands, and which attempts are on it. */
export class TeamBranch {
  readonly team: TeamBrief;
  readonly common: string;
  readonly refs: Refs;
  /** One merge at a time. */
  readonly queue = pLimit(1);
  /** The commit on the branch for each attempt that is on it, so that none is merged twice. */
  readonly merged = new Map<AttemptId, string>();
  readonly #git: Git;
  #tip: string;

  /** Makes the branch if it is not there. */
  static async open(git: Git, clock: Clock, team: TeamBrief): Promise<TeamBranch> {
    const common = await commonDir(git, team.repo);
    const branch = new TeamBranch(git, team, common, new Refs(git, clock, common));
    await branch.refresh();
    return branch;
  }

  private constructor(git: Git, team: TeamBrief, common: string, refs: Refs) {
    this.#git = git;
    this.team = team;
    this.common = common;
    this.refs = refs;
    this.#tip = team.base;
  }

  get tip(): string {
    return this.#tip;
  }

  refOf(key: string, number: number): string {
    return `refs/godel/${this.team.name}/${key}/${number}`;
  }

  /** Reads again where the branch stands: at the start, and after somebody else moved it. Makes it where it is gone. */
  async refresh(): Promise<void> {
    const ref = `refs/heads/${this.team.branch}`;
    const found = await this.refs.read(ref);
    if (found === null && !(await this.refs.move(ref, null, this.#tip))) {
      throw new GodelError("GIT_FAILED", `cannot make the branch ${this.team.branch}`);
    }
    this.#tip = found ?? this.#tip;
    await this.#readMerged();
  }

  /** Puts `commit`, which holds `attempt`, on top. False when the branch is not where we think it is. */
  async advance(attempt: AttemptId, commit: string): Promise<boolean> {
    if (!(await this.refs.move(`refs/heads/${this.team.branch}`, this.#tip, commit))) return false;
    this.#tip = commit;
    this.merged.set(attempt, commit);
    return true;
  }

  async #readMerged(): Promise<void> {
    this.merged.clear();
    if (this.#tip === this.team.base) return;
    const format = `%H %(trailers:key=${trailers.attempt},valueonly,separator=%x20)`;
    const args = ["log", `--format=${format}`, this.#tip, "--not", this.team.base];
    const log = await this.#git.text(args, { gitDir: this.common });
    for (const line of log.split("\n")) {
      const [commit = "", ...attempts] = line.trim().split(" ");
      for (const attempt of attempts) this.merged.set(attempt, commit);
    }
  }
}
