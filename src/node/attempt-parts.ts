/** What one attempt on its node is made of. */

import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { AttemptBrief, Report, TeamBrief } from "../model/link.ts";
import type { Resumption } from "../model/records.ts";
import type { RuntimeAgent } from "../runtimes/index.ts";
import type { Models, Worktrees } from "./ports.ts";
import type { TakenOver } from "./take-over.ts";

export interface AttemptParts {
  clock: Clock;
  models: Models;
  workspaces: Worktrees;
  /** Folder for the attempt's transcript and the output of its gates. */
  logDir: string;
  /** Where its commands put temporary files; null: where all do. */
  tempDir: string | null;
  /** Its worktree, as soon as it has one. */
  onWorktree(dir: string): void;
  /** The home that this node works for. */
  homeDir: string;
  /** The node's own environment; gates see what is no secret of it. */
  env: NodeJS.ProcessEnv;
  log: Log;
  report(report: Report): void;
  /** Its worktree could not be released yet. */
  onLeftover(): void;
  /** What it goes on with, if it is to go on with something; called once, when the team is open. */
  takeOver(cancelled: AbortSignal): Promise<TakenOver | Resumption | undefined>;
  /** It died with its host: its worktree stays for the next attempt. Absent for agents that begin anew each time. */
  park?(): void;
  /** Reports what the attempt has spent so far, before the report that follows. */
  settleSpending(): void;
}

export interface AttemptWork {
  team: TeamBrief;
  brief: AttemptBrief;
  agent: RuntimeAgent;
  /** False for a runtime whose prompt is a command: it gets the task's own words and no model. */
  asksModel: boolean;
  /** Resolves when the agent has settled its last prompt. */
  before: Promise<void>;
}
