/** The things of the fleet as the engine knows them. Money is in USD, times are Unix milliseconds. */
import type { Millis } from "../lib/clock.ts";
import type { Archived } from "./archived.ts";
import type { Failure } from "./failure.ts";
import type { Demand, Forecast } from "./plan.ts";
import type { PreferredCost } from "./preferred-cost.ts";
import type { AgentChoice, Evidence, Noted, Scaling } from "./reasons.ts";
import type { Share } from "./share.ts";
import type { Standing } from "./standing.ts";
import type { AgentState, AttemptState, TaskState, TeamState } from "./states.ts";
import type { Tier, TierChoice } from "./tiers.ts";
import type { Usage } from "./usage.ts";

export type { Failure, FailureReason } from "./failure.ts";
export type TeamId = string;
/** `TEAM_ID/KEY`, where KEY is the id that the plan gives the task. */
export type TaskId = string;
/** `TASK_ID/N`, where N counts from 1. */
export type AttemptId = string;
/** `TEAM_ID-aN`, where N counts from 1. */
export type AgentId = string;
export type NodeId = string;
/** `pi` and `command` today; the engine only carries the name, the node knows what it means. */
export type RuntimeName = string;

/** What a team is asked for, settled when it is created. */
export interface TeamSpec {
  id: TeamId;
  /** Unique among the teams of one repository; the branch is `godel/NAME`. */
  name: string;
  goal: string;
  /** Absolute path of the repository's main work tree. */
  repo: string;
  /** The commit that the branch starts from. */
  base: string;
  branch: string;
  /** `PROVIDER/ID`, `demo`, or "" for a runtime that asks no model. */
  model: string;
  runtime: RuntimeName;
  /** Tags that each agent of the team has. */
  skills: string[];
  /** Commands that must pass in the worktree of every attempt before it counts. */
  gates: string[];
  desired: number;
  /** The size follows the work where `min` is below `max`. */
  min: number;
  max: number;
  /** null: no limit. */
  budgetUsd: number | null;
  /** Input and output, cached ones too. null: no limit; missing in journals before it was there. */
  budgetTokens?: number | null;
  /** How the goal is to be split, where that was said: as `planStrategies` names it, globs of files (none: all), and what a line of them matches. */
  planning?: { strategy: string; files: string[]; query?: string };
  /** What `auto` chooses from, cheapest first. */
  tiers?: Tier[];
  /** What its tasks are chosen by that say nothing of it themselves; missing: `medium`. */
  preferredCost?: PreferredCost;
  /** What it is due beside other teams; missing: as much as any. */
  share?: Share;
}

export interface Team extends TeamSpec {
  /** The model that a person allows when all that is set up is out. */
  standIn?: string;
  state: TeamState;
  createdAt: Millis;
  endedAt: Millis | null;
  /** Why it failed or was killed, for people. */
  reason: string;
  /** When `desired` agents were first ready at once. */
  allReadyAt: Millis | null;
  /** The highest of the percentages of its budget that were told to be reached. */
  alerted?: number;
  /** What was spent, by the hour since 1970 in which it was reported. */
  hours?: Record<string, Usage>;
  usage: Usage;
  planned?: Record<NodeId, Usage>; // of it, what planning took by the count of each node
  /** What its goal asks for, and what was expected of its plan, where it had a planner. */
  demands?: Demand[];
  forecast?: Forecast;
  /** Its gates that fail before any work, once they were tried. */
  redGates?: string[];
  /** In the order of the plan. */
  tasks: TaskId[];
  /** How many agents were ever requested; numbers the next one. */
  agentCount: number;
  /** Agents in a row that failed to start. */
  startFailures: number;
  /** When the next agent may be requested after a failed start. */
  startNotBefore: Millis;
  /** When all retries that it may make at once are to be had again; absent before the first. */
  retriesFullAt?: Millis;
  /** How freely agents may be set aside: a snapshot of the breaker on it, and what the last one was for. */
  recovery?: { breaker: object; cause: string } | null;
  /** Why none of its agents is started before `startNotBefore`, where they died again and again. */
  quarantine?: Evidence | null;
  /** The last change that the auto-scaler made; null where a person set the size, missing in what older versions stored. */
  scaling?: Scaling | null;
  /** Where its tasks, attempts and agents are when they have left the state; `tasks` is empty then. Missing in what older versions stored. */
  archived?: Archived | null;
}

/** What a task is asked for, as the plan says it. */
export interface TaskSpec {
  id: TaskId;
  team: TeamId;
  /** The id in the plan: [a-z0-9-]. */
  key: string;
  title: string;
  prompt: string;
  needs: TaskId[];
  skills: string[];
  files: string[];
  gates: string[];
  priority: number;
  budgetUsd: number | null;
  /** Expected work beside the team's other tasks. Not in plans that were journaled before 0.2; they count as 1. */
  weight?: number;
  /** The most work on a chain of tasks that starts here: the critical path goes first. */
  rank: number;
  /** Its place in the plan, from 0. */
  order: number;
  /** How many splits it came out of: 0 or missing for a task of the plan itself. */
  splitDepth?: number;
  /** `required`: an attempt that changed nothing has failed. `optional`: it may still be right. */
  diff: "required" | "optional";
  /** Missing: as its team has it. */
  preferredCost?: PreferredCost;
}

export interface Task extends TaskSpec {
  state: TaskState;
  /** The parts that it was split into; it runs once more when they are done. */
  parts?: TaskId[];
  /** Needs that are not done yet. */
  openNeeds: number;
  /** Tasks that need this one. */
  dependents: TaskId[];
  /** All attempts, the newest last. */
  attempts: AttemptId[];
  /** Attempts that failed by the work itself. */
  failures: number;
  /** Attempts that were lost with their node or agent, or with a host of which nothing else is known. */
  losses: number;
  /** Hosts in a row that died while they worked on it; absent when the last did not. */
  deaths?: { hosts: number; alone: number };
  /** Suspected to kill its hosts: works in a host of its own until it is cleared or found guilty. */
  isolated?: boolean;
  /** Attempts whose work did not merge. */
  conflicts: number;
  /** Not to be leased before; 0 when it may be at once. */
  notBefore: Millis;
  queuedAt: Millis;
  /** The agent that a person took it from last: it gets it only where no other may. */
  takenFrom?: AgentId;
  /** What the next attempt is told of the last one. */
  feedback: string;
  failure: Failure | null;
  /** The commit on the team's branch, once done. */
  commit: string | null;
  endedAt: Millis | null;
}

/** What became of the session of an attempt that was lost, when the next one was to go on in it. */
export type Resumption =
  /** The agent went on in it. `saved`: what it had cost by then, and was not spent again. */
  | { from: AttemptId; saved: Usage }
  /** It could not, so the attempt began from the start; the reason is for people. */
  | { from: AttemptId; refused: string };

export interface Attempt {
  id: AttemptId;
  task: TaskId;
  team: TeamId;
  agent: AgentId;
  node: NodeId;
  number: number;
  state: AttemptState;
  leasedAt: Millis;
  startedAt: Millis | null;
  endedAt: Millis | null;
  failure: Failure | null;
  /** Its work, kept under `refs/godel/TEAM/TASK/N`. */
  commit: string | null;
  /** Files that its work changes, once that is known. */
  files?: number;
  /** The file that holds the agent's conversation, on its node. */
  transcript: string | null;
  /** The lost attempts whose session it was to go on in, the newest first. Absent: none. */
  resumes?: AttemptId[];
  resumption?: Resumption;
  /** Where it was chosen for this attempt. */
  tier?: TierChoice;
  /** Why it went to its agent; missing in what older versions stored, and where there was no choice. */
  choice?: AgentChoice;
  /** When the agent had done its part. */
  handedInAt?: Millis;
  usage: Usage;
}

export interface Agent {
  id: AgentId;
  team: TeamId;
  node: NodeId;
  runtime: RuntimeName;
  model: string;
  skills: string[];
  state: AgentState;
  requestedAt: Millis;
  readyAt: Millis | null;
  endedAt: Millis | null;
  idleSince: Millis;
  /** Null before it is up, and once its host has died. */
  hostPid: number | null;
  /** In a host of its own, for tasks that are suspected to kill theirs. */
  alone?: boolean;
  sessionId: string | null;
  attempt: AttemptId | null;
  /** Why it is suspect; null or missing while it is not. */
  suspicion?: Noted | null;
  /** What was odd about it, the newest last; at most five. */
  anomalies?: Noted[];
  /** How it has done; missing before its first outcome. */
  standing?: Standing;
  /** Why it stopped, was lost or set aside, for people. */
  reason: string;
  /** It ended without being asked to. */
  failed: boolean;
}
