/**
 * What an engine and a node say to each other over the link (a WebSocket on loopback, JSON text frames).
 *
 * Orders may be repeated and come again after a reconnect, so a node treats each as idempotent by the id in it.
 * Reports are kept by the node until acknowledged and may come twice, so the engine does the same.
 */

import type { Fields } from "../lib/json.ts";
import type { Activity } from "./activity.ts";
import type { Allowed, Limit, Money } from "./budget.ts";
import type { ChatMessage, ToolSpec } from "./chat.ts";
import type { Collection, EndedTeam } from "./garbage.ts";
import type { Parked } from "./parked.ts";
import type { Plan } from "./plan.ts";
import type { ProviderState } from "./provider-state.ts";
import type { AgentId, AttemptId, Failure, NodeId, Resumption, RuntimeName, TaskId, TeamId } from "./records.ts";
import type { Inspection, RepoMap } from "./repo-map.ts";
import type { Reserved } from "./reserved.ts";
import type { AttemptQuota, NodeResources } from "./resources.ts";
import type { Share } from "./share.ts";
import type { AgentSign, HostBeat } from "./signs.ts";
import type { ModelChoice } from "./tiers.ts";
import type { TranscriptPiece } from "./transcript.ts";
import type { Usage } from "./usage.ts";

export const linkVersion = 1;

/** What a node must know of a team to work for it. */
export interface TeamBrief {
  id: TeamId;
  name: string;
  goal: string;
  repo: string;
  base: string;
  branch: string;
  model: string;
  /** What this node may spend in all: its allowance of the team's budget. */
  limit: Allowed;
  /** What the engine has recorded of it so far: a node that has lost its own ledger goes on from there. */
  spent: Money;
  /** What it is due beside other teams; missing in what an older engine says. */
  share?: Share;
  /** The model that a person allows it when all that is set up is out. */
  standIn?: string;
}

export interface AgentBrief {
  id: AgentId;
  team: TeamId;
  runtime: RuntimeName;
  model: string;
  skills: string[];
  /** It shares its host with no other agent. */
  alone?: boolean;
  /** How long it may take to stop, in ms, before it is ended by force; missing in what an older engine says. */
  stopWithinMs?: number;
}

export interface AttemptBrief {
  id: AttemptId;
  task: TaskId;
  /** The task's id in its plan. */
  key: string;
  team: TeamId;
  agent: AgentId;
  number: number;
  title: string;
  prompt: string;
  /** What the last attempt ran into, or "". */
  feedback: string;
  /** The team's gates, then the task's own. */
  gates: string[];
  diff: "required" | "optional";
  /** Whether the agent may split the task instead of doing it. */
  maySplit?: boolean;
  /** Titles of the parts that the task was split into, which are merged. */
  parts?: string[];
  /** Of this attempt, where it is not that of its agent. */
  model?: string;
  /** How long the agent may work, in ms, before the attempt fails with `timeout`. */
  deadlineMs: number;
  /** What the task may spend, and what its earlier attempts have spent. */
  budget: { attempt: Limit; task: Limit; taskSpent: Money };
  quota?: AttemptQuota;
  /** Absent for an attempt that begins from the start. */
  resumes?: LostAttempts;
}

/** Attempts that died with their host or node, and left a session and a worktree in which the next one may go on. */
export interface LostAttempts {
  /** The newest first: one that died before it had begun left what it was to go on with to the next. */
  attempts: AttemptId[];
  /** What the agent died of, for itself. */
  because: string;
}

export type Order =
  | { type: "openTeam"; team: TeamBrief }
  | { type: "closeTeam"; team: TeamId }
  /** What the node may spend in an hour, and ever, whatever its teams may. */
  | { type: "limitSpending"; hour: Allowed; fleet: Allowed }
  /** Half of what is left of an allowance is wanted elsewhere. */
  | { type: "returnAllowance"; scope: string; version: number }
  | { type: "startAgents"; agents: AgentBrief[] }
  | { type: "stopAgents"; agents: AgentId[] }
  | { type: "pauseAgents"; agents: AgentId[] }
  | { type: "resumeAgents"; agents: AgentId[] }
  | { type: "endHost"; host: number; reason: string }
  | { type: "startAttempt"; attempt: AttemptBrief }
  /** Whether hosts without agents may stay up for the next team. */
  | { type: "keepWarm"; hosts: boolean }
  | { type: "cancelAttempt"; attempt: AttemptId }
  | { type: "mergeAttempt"; attempt: AttemptId; team: TeamId; key: string; title: string; commit: string | null };

export type Report =
  /** What is left of an allowance is spent or reserved here, but for these; the node keeps within them from now on. */
  | { type: "allowanceReturned"; scope: string; usd: number | null; tokens: number | null; version: number }
  | { type: "agentReady"; agent: AgentId; hostPid: number; sessionId: string }
  | { type: "agentStopped"; agent: AgentId; reason: string; failed: boolean }
  | { type: "agentLost"; agent: AgentId; reason: string }
  /** A host died at work on `attempts`; each of its agents is reported lost after it, unless it goes on elsewhere. */
  | { type: "hostLost"; host: number; agents: AgentId[]; attempts: AttemptId[]; reason: string }
  | {
      type: "attemptStarted";
      attempt: AttemptId;
      sessionId: string;
      transcript: string | null;
      resumption?: Resumption;
    }
  /** The agent has settled; its work is being committed and its gates run. The agent is free again. */
  | { type: "attemptVerifying"; attempt: AttemptId }
  /** The gates passed. `files` is how many were changed; `commit` is null when nothing changed and nothing had to. */
  | { type: "attemptVerified"; attempt: AttemptId; commit: string | null; files?: number }
  | { type: "attemptFailed"; attempt: AttemptId; failure: Failure; commit: string | null }
  /** Instead of doing it all, the agent split the task into `parts`. What it changed is kept, and not merged. */
  | { type: "attemptSplit"; attempt: AttemptId; parts: Plan; commit: string | null }
  | { type: "attemptCancelled"; attempt: AttemptId; commit: string | null }
  | { type: "attemptMerged"; attempt: AttemptId; commit: string }
  | { type: "attemptSpent"; attempt: AttemptId; usage: Usage }
  /** All that planning for a team has taken on this node. */
  | { type: "planningSpent"; team: TeamId; usage: Usage };

/** What an engine asks a node and waits for; nothing of it is journaled. */
export type Question =
  | { type: "inspect"; repo: string; branch: string; model: string; runtime: RuntimeName }
  /** What the commit at HEAD holds, with at most `max` of the files that match `globs`, where there are any, and `query`. */
  | { type: "map"; repo: string; globs: string[]; query?: string; max: number }
  /** Which of `gates` fail on `commit`, or on the one at HEAD, before any work. Takes as long as they do. */
  | { type: "redOnBase"; repo: string; gates: string[]; commit: string | null }
  /** In which of the APIs that agents may be given a model answers. */
  | { type: "speaks"; model: string }
  /** One answer of a model, for planning; charged to `team` when there is one. */
  | {
      type: "complete";
      model: string;
      team: TeamId | null;
      messages: ChatMessage[];
      maxTokens: number;
      tool?: ToolSpec;
    }
  | { type: "steer"; agent: AgentId; text: string }
  /** The end of a file that belongs to an attempt: what its agent said and did, or what its gates printed. */
  | { type: "log"; attempt: AttemptId; what: "transcript" | "gates"; maxLines: number }
  /** What is left of teams that are over; with `remove` what is merged is removed. Nothing of it is what an agent works on. */
  | { type: "collect"; teams: EndedTeam[]; remove: boolean }
  | { type: "providers" }
  /**
   * What was added since byte `from` of `file`, or the end of the newest file where that is another one. With `heard`, what is
   * being said too; the answer waits a moment for more than that.
   */
  | { type: "transcript"; attempt: AttemptId; file: string; from: number; heard?: number }
  /** What a commit changes, as git shows it; `commit` may be a ref. */
  | { type: "patch"; repo: string; commit: string; maxLines: number };

/** Answers by the type of their question. */
export interface Answers {
  inspect: Inspection & ModelChoice;
  map: RepoMap;
  /** `tail` is the end of what a gate printed. */
  redOnBase: { gate: string; exitCode: number | null; tail: string }[];
  /** `text`: what the model said, or the arguments of its call as JSON. `reported`: as spent; older nodes do not. */
  complete: { text: string; usage: Usage; reported?: true };
  /** As pi names it: `openai-completions` and so on. */
  speaks: string;
  collect: Collection;
  steer: { accepted: boolean };
  /** `total`: how many lines there are in all, of which these are the last, or for `patch` the first. */
  log: { lines: string[]; total: number };
  transcript: TranscriptPiece;
  providers: ProviderState[];
  /** `commit` is null where there is none of that name. */
  patch: { commit: string | null; lines: string[]; total: number };
}

export type FromNode =
  | {
      type: "hello";
      version: number;
      node: NodeId;
      pid: number;
      cores: number;
      agents: AgentId[];
      attempts: AttemptId[];
    }
  | {
      type: "heartbeat";
      /** Of the leader that has welcomed the node: another one ignores it. Missing in what an older node says. */
      epoch?: string;
      lagMs: number;
      rssBytes: number;
      hosts: number;
      activities: Activity[];
      /** Teams whose requests under way hold money now; all others hold none. */
      reserved: Reserved[];
      /** All that wait for a provider now. A node of an older version says nothing of it. */
      parked?: Parked[];
      resources: NodeResources;
      /** Missing in what an older node says. `firstTokensMs`: how long the first part of each answer of a model took since the last. */
      hostBeats?: HostBeat[];
      signs?: AgentSign[];
      firstTokensMs?: number[];
    }
  | { type: "report"; seq: number; report: Report }
  | { type: "answer"; ask: number; value: unknown }
  | { type: "refusal"; ask: number; code: string; message: string };

export type ToNode =
  | { type: "welcome"; epoch: string; heartbeatMs: number }
  | { type: "order"; epoch: string; order: Order }
  /** All reports up to `seq` are durable. */
  | { type: "ack"; seq: number }
  | { type: "ask"; ask: number; question: Question }
  /** `godel down`: stop every agent, keep all work, then exit. */
  | { type: "leave" };

/** A frame as sent. */
export function encodeFrame(frame: FromNode | ToNode): string {
  return JSON.stringify(frame);
}

/** A frame as received, or undefined where the text is none. */
export function decodeFrame<T extends FromNode | ToNode>(text: string): T | undefined {
  try {
    const value: Fields = JSON.parse(text);
    return typeof value?.type === "string" ? (value as unknown as T) : undefined;
  } catch {
    return undefined;
  }
}
