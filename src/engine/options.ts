import { type Policies, policyDefaults } from "../federation/policies.ts";
import type { Millis } from "../lib/clock.ts";
import type { Random } from "../lib/random.ts";

export interface EngineOptions {
  /** Attempts that may fail by the work itself before the task fails. Default 3, from 1 to 100. */
  maxFailures: number;
  /** Attempts that may be lost with their node or agent. Default 5, from 1 to 100. */
  maxLosses: number;
  /** Hosts in a row that may die at work on a task, beside others, before it works alone in a host. Default 2, from 1 to 100. */
  maxHostDeaths: number;
  /** Hosts in a row that may die at work on a task alone before it fails as `quarantined`. Default 3, from 1 to 100: a task that kills its hosts kills each, and two deaths may be chance, as where hosts are killed by hand. */
  maxDeathsAlone: number;
  /** Agents of a team, besides those that it asked for, that work alone in their hosts on suspects. Default 4; each takes a host, about 115 MB. */
  maxAgentsAlone: number;
  /** How often in a row the session of a lost attempt is gone on in before the task begins from the start. Default 2, from 0 to 100: a session may be what kills its host. */
  maxResumes: number;
  /** How deep a task may be split by its agents while it runs. Default 2, from 0 (not at all) to 5. */
  maxSplitDepth: number;
  /** Parts of one split. Default 20, from 1 to 1,000. */
  maxParts: number;
  /** Attempts whose work may clash with what was merged meanwhile. Default 5, from 1 to 100. */
  maxConflicts: number;
  /** Wait before the second attempt, in ms; doubles with each failure, plus up to half of it by chance. Default 1000. */
  retryDelayMs: Millis;
  /** The longest such wait, in ms. Default 60,000. */
  maxRetryDelayMs: Millis;
  /** How long an agent may work on one attempt, in ms. Default 30 minutes. */
  attemptDeadlineMs: Millis;
  /** Rounds in a row in which agents of a team may fail to start before the team is given up. Default 5, from 1 to 100. */
  maxStartFailures: number;
  /** Attempts of a team that may wait for gates and merges, as a multiple of its agents. Default 2; at least 16 in all. */
  maxUnmergedPerAgent: number;
  /** Agents that one team may ask for. Default 10,000. */
  maxAgents: number;
  /** Events between two snapshots. Default 20,000; fewer make a restart faster, and each replays what came since the last. */
  snapshotEvery: number;
  /** How long a team that is over stays in memory, in ms. Default 10 minutes; what is asked about it later is read from the disk. */
  archiveAfterMs: Millis;
  /** Tasks of teams that are over in memory; past it, those that ended first leave at once. Default 10,000: more slow the next start. */
  maxEndedTasks: number;
  /** Chosen and tuned in `godel.yaml`. Default `policyDefaults`. */
  policies: Policies;
}

export const engineDefaults: EngineOptions = {
  maxFailures: 3,
  maxLosses: 5,
  maxHostDeaths: 2,
  maxDeathsAlone: 3,
  maxAgentsAlone: 4,
  maxResumes: 2,
  maxSplitDepth: 2,
  maxParts: 20,
  maxConflicts: 5,
  retryDelayMs: 1_000,
  maxRetryDelayMs: 60_000,
  attemptDeadlineMs: 30 * 60_000,
  maxStartFailures: 5,
  maxUnmergedPerAgent: 2,
  maxAgents: 10_000,
  snapshotEvery: 20_000,
  archiveAfterMs: 10 * 60_000,
  maxEndedTasks: 10_000,
  policies: policyDefaults,
};

/** What a decision may use besides the state and the command: time and chance come in here. */
export interface Context {
  at: Millis;
  random: Random;
  options: EngineOptions;
}
