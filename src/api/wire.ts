/**
 * What the HTTP API takes and gives, and what every `--json` prints. Types only: the dashboard sees nothing else of
 * the engine. Money is in USD, times are ISO 8601, durations are in ms, names say the unit.
 */

import type { PreferredCost } from "../model/preferred-cost.ts";
import type { FailureReason, Resumption } from "../model/records.ts";
import type { AttemptState, TaskState, TeamState } from "../model/states.ts";
import type { Cost, TierView, Tokens } from "./cost-wire.ts";
import type { ShareRequest, ShareView } from "./share-wire.ts";
import type { AtWork } from "./stream-wire.ts";

export type * from "./agent-wire.ts";
export type * from "./attention-wire.ts";
export type * from "./cost-wire.ts";
export type * from "./plan-wire.ts";
export type * from "./share-wire.ts";
export type * from "./stream-wire.ts";
export type * from "./wire-engine.ts";

/** POST /api/v1/teams. Exactly one of `plan` and `task`. Answers with an `AcceptedTeam`, 201. */
export interface SpawnRequest extends ShareRequest {
  name?: string;
  repo: string;
  count: number;
  min?: number;
  max?: number;
  budgetUsd?: number | null;
  budgetTokens?: number | null;
  model?: string;
  /** Of tasks that say nothing of it themselves. Default `medium`. */
  preferredCost?: PreferredCost;
  runtime?: string;
  skills?: string[];
  gates?: string[];
  /** A plan as the file holds it; checked by the engine. */
  plan?: unknown;
  task?: string;
  /** How `task` is split: auto, model, files, checklist. Default auto. */
  strategy?: string;
  /** Globs of the files that `task` is about. */
  files?: string[];
  /** A POSIX extended regular expression that a line of each of these files must match. */
  query?: string;
}

/**
 * POST /api/v1/teams/:team/scale. `count` alone: a fixed size. `min` or `max`: a size that follows the work within these
 * bounds; the one that is left out stays. `weight` and `priority`: what it is due beside other teams.
 */
export interface ScaleRequest extends ShareRequest {
  count?: number;
  min?: number;
  max?: number;
}

/** Agents whose requests wait for a provider. */
export interface ParkedGroup {
  agents: number;
  why: string;
  /** ISO 8601; null where the end of another request is waited for. */
  until: string | null;
  /** All that could answer is out, and for long: a person may name another model, or give up. See `answerTeam`. */
  asks: boolean;
}

/**
 * POST /api/v1/teams/:team/answer: what is to become of agents whose providers are all out. `use`: they may use `model`, which must
 * speak the same API, while that is so. `wait`: no other model. `give-up`: the tasks that wait are cancelled.
 */
export interface TeamAnswer {
  answer: "use" | "wait" | "give-up";
  model?: string;
}

export interface TeamSummary {
  id: string;
  name: string;
  state: TeamState;
  goal: string;
  repo: string;
  branch: string;
  createdAt: string;
  endedAt: string | null;
  agents: number;
  tasks: { total: number; done: number; failed: number };
  spentUsd: number;
  budgetUsd: number | null;
}

/** GET /api/v1/teams/:team */
export interface TeamStatus {
  team: {
    id: string;
    name: string;
    state: TeamState;
    /** Why it failed, or "". */
    reason: string;
    goal: string;
    repo: string;
    branch: string;
    model: string;
    runtime: string;
    createdAt: string;
    endedAt: string | null;
  };
  /** What keeps it from going on as it should, a sentence each: a node without room, tasks that kill their hosts. */
  alerts: string[];
  /** Of a team with `--model auto`: what it chooses from, cheapest first, and what is learnt of each; else none. */
  tiers: TierView[];
  agents: {
    desired: number;
    /** Below `max` where the size follows the work. */
    min: number;
    max: number;
    total: number;
    starting: number;
    idle: number;
    busy: number;
    paused: number;
    draining: number;
    suspect: number;
    lost: number;
    /** Ended without being asked to, or never came up. Includes `lost`. */
    failed: number;
  };
  /** Agents whose requests wait for a provider, by reason: they keep their sessions, and cost nothing. */
  parked: ParkedGroup[];
  share: ShareView;
  /** The last change that the auto-scaler made, and why; null where there was none. */
  scaling: { at: string; why: string; reason: string; limitedBy: string | null } | null;
  tasks: { total: number } & Record<TaskState, number>;
  cost: Cost;
  timing: {
    /** From creation until all desired agents were ready; null until then. */
    allReadyMs: number | null;
    /** What was expected of its plan before it ran, by how tasks went before; null where nothing was known. */
    expectedMs: { low: number; high: number } | null;
    elapsedMs: number;
  };
}

/** The team that was created, and the last event before it: a stream from there tells all that happens to it. */
export type AcceptedTeam = TeamStatus & { seq: string };

/** GET /api/v1/tasks?team= */
export interface TaskSummary {
  id: string;
  team: string;
  key: string;
  title: string;
  state: TaskState;
  needs: string[];
  skills: string[];
  priority: number;
  attempts: number;
  agent: string | null;
  costUsd: number;
  /** Of that, the newest attempt. */
  attemptCostUsd: number;
  commit: string | null;
  reason: FailureReason | null;
  /** Since when it waits, or waited for its newest attempt; null before it could be begun. */
  queuedAt: string | null;
  /** When its newest attempt was given to an agent. */
  leasedAt: string | null;
  endedAt: string | null;
}

/** GET /api/v1/tasks/:task */
export interface TaskDetail extends TaskSummary {
  prompt: string;
  gates: string[];
  files: string[];
  dependents: string[];
  failure: { reason: FailureReason; detail: string } | null;
  attemptList: AttemptView[];
}

export interface AttemptView {
  id: string;
  number: number;
  agent: string;
  state: AttemptState;
  leasedAt: string;
  startedAt: string | null;
  endedAt: string | null;
  failure: { reason: FailureReason; detail: string } | null;
  /** Kept under `ref` in the repository. */
  commit: string | null;
  /** Files that its work changes; null until that is known. */
  files: number | null;
  ref: string;
  transcript: string | null;
  /** It was to go on in the session of a lost attempt: what that saved, or why it could not. Null for most. */
  resumption: Resumption | null;
  costUsd: number;
  tokens: Tokens;
}

/** GET /api/v1/tasks/:task/why */
export interface Why {
  task: string;
  state: TaskState;
  /** One sentence: the true reason for the state. */
  because: string;
  /** What it waits for, or what happened, one line each. */
  facts: string[];
}

/** GET /api/v1/agents/:agent/logs?lines= */
export interface AgentLog {
  agent: string;
  attempt: string | null;
  lines: string[];
  /** How many lines the attempt's log has in all; `lines` are the last of them. */
  total: number;
}

/**
 * Frames of the WebSocket /api/v1/stream?team=TEAM[&from=SEQ]: the status now and after changes (at most every 100 ms), and
 * events, in order and none twice. With `from`, first all events after that one. Every `seq` says that all
 * events of the team up to it were sent, so the newest of any frame is where to go on from. A reader that is too
 * slow is closed with 1013, "try again later".
 */
export type StreamFrame =
  /**
   * `activities`: in the first status what each agent does, then only what has changed since the last one; "" for an
   * agent that does nothing any more. `slowest`: the eight that agents have been at for longest, the slowest first.
   */
  | {
      type: "status";
      seq: string;
      status: TeamStatus;
      activities: { agent: string; text: string }[];
      slowest: AtWork[];
    }
  | { type: "event"; seq: string; event: { type: string; at: number } & Record<string, unknown> }
  /** All events up to `seq` were sent. */
  | { type: "reached"; seq: string }
  /** Events up to `seq` that were not sent are kept no more: only the status tells what became of them. */
  | { type: "gap"; seq: string };
