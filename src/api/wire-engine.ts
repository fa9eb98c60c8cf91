/** The part of the wire that is about the engine itself. */
import type { Collection } from "../model/garbage.ts";
import type { ProviderState } from "../model/provider-state.ts";
import type { Room } from "../model/resources.ts";
import type { AttemptState, NodeState } from "../model/states.ts";
import type { TranscriptPiece } from "../model/transcript.ts";

export type { ProviderState } from "../model/provider-state.ts";
export type { Saying, TranscriptStep } from "../model/transcript.ts";

/** `engine.json` in GODEL_HOME, mode 0600. */
export interface EngineFile {
  pid: number;
  nodePid: number | null;
  url: string;
  token: string;
  startedAt: string;
}

/** RFC 9457 problem details; `code` is from the catalog in `lib/errors.ts`. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  hint: string;
}

/** A machine that hosts agents. */
export interface NodeView {
  id: string;
  state: NodeState;
  pid: number;
  linked: boolean;
  /** Why it takes no new work, or "". */
  pressure: string;
  cores: number;
  /** That have not ended, and those of them at work. */
  agents: number;
  busy: number;
  /** As of its last heartbeat; null before the first that this engine has heard. */
  load: NodeLoad | null;
}

export interface NodeLoad {
  /** Processes that hold agents. */
  hosts: number;
  /** Of the node's own process. */
  rssBytes: number;
  /** How late its event loop was, in ms. */
  lagMs: number;
  /** What is left, in bytes; null where it cannot be measured. */
  memory: Room | null;
  disk: Room | null;
  /** Descriptors of its process. */
  files: Room | null;
  processes: Room | null;
}

/** GET /api/v1/health */
export interface Health {
  version: string;
  pid: number;
  home: string;
  startedAt: string;
  epoch: string;
  /** Sequence number of the last durable event. */
  seq: string;
  nodes: NodeView[];
  liveTeams: number;
}

/** GET /api/v1/providers */
export interface Providers {
  items: ProviderState[];
}

/** POST /api/v1/backup. `path` is absolute and names the file; without `force` it must not be there. */
export interface BackupRequest {
  path: string;
  force?: boolean;
}

export interface BackupAnswer {
  path: string;
  /** Sequence number of the last event in it. */
  seq: string;
  sizeBytes: number;
  /** What of GODEL_HOME is not in it. */
  notIncluded: string[];
}

export type { Garbage } from "../model/garbage.ts";

/** POST /api/v1/garbage */
export interface GarbageRequest {
  /** Only tell what would be removed. */
  dryRun: boolean;
}

/** What was removed, or with `dryRun` would be, and what is kept and why. */
export interface GarbageAnswer extends Collection {
  dryRun: boolean;
}

/** GET /api/v1/attempts/:attempt/log?what=&lines= */
export interface AttemptLog {
  attempt: string;
  what: "transcript" | "gates";
  lines: string[];
  /** How many there are in all; `lines` are the last of them. */
  total: number;
}

/**
 * GET /api/v1/attempts/:attempt/transcript?file=&from=&heard=: all that is there, or with `file` and `next` of the piece
 * before, what was added since. With `heard` also what the agent is saying, as it streams.
 */
export type AttemptTranscript = TranscriptPiece & { attempt: string };

/** GET /api/v1/attempts/:attempt/diff?lines= */
export interface AttemptDiff {
  attempt: string;
  /** Null where its work has not been kept, or changed nothing. */
  commit: string | null;
  /** As git shows the commit. */
  lines: string[];
  /** How many there are in all; `lines` are the first of them. */
  total: number;
}

/** POST /api/v1/tickets: where a browser is let in, once, within a minute. */
export interface Ticket {
  path: string;
}

/** GET /api/v1/teams/:team/timeline: every attempt, in the order in which they were leased. */
export interface TimelineEntry {
  attempt: string;
  task: string;
  agent: string;
  state: AttemptState;
  leasedAt: string;
  endedAt: string | null;
}
