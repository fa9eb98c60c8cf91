import { availableParallelism } from "node:os";
import type { Millis } from "../lib/clock.ts";
import type { AttemptId, TeamId } from "../model/records.ts";

/** The worktree of one attempt. */
export interface Workspace {
  attempt: AttemptId;
  dir: string;
  /** The commit that it started from. */
  base: string;
}

export interface AttemptSpec {
  id: AttemptId;
  team: TeamId;
  /** The task's id in its plan. */
  key: string;
  number: number;
}

export interface WorkspaceLimits {
  /** Worktrees checked out at a time. Default: the number of cores; with more each takes longer, and all as long. */
  checkouts: number;
  /** Released worktrees of one repository that are kept to be used again. Default 64; 0 keeps none. Costs disk. */
  spares: number;
  /** Attempts whose gates run at a time. Default: the number of cores. */
  gates: number;
  /** Git processes at a time. Default: four times the number of cores. */
  processes: number;
  /** After which a git process is killed, in ms. Default 300,000: a first checkout of a very large repository. */
  gitTimeoutMs: Millis;
  /** How long a worktree or a commit is tried for while git fails, in ms. Default 12,000: the locks of a killed git go stale in 10,000. */
  gitPatienceMs: Millis;
  /** Of what one run of gates prints, as much is logged, in bytes. Default 5 MiB. */
  maxGateLogBytes: number;
}

const cores = availableParallelism();
export const defaultLimits: Readonly<WorkspaceLimits> = {
  checkouts: cores,
  spares: 64,
  gates: cores,
  processes: 4 * cores,
  gitTimeoutMs: 300_000,
  gitPatienceMs: 12_000,
  maxGateLogBytes: 5 * 1024 * 1024,
};
