/** What a node needs of the world around it: `local-world.ts` gives it the real one, the simulator another. */

import type { Gateway, GatewayOptions } from "../gateway/index.ts";
import type { Log } from "../lib/log.ts";
import type { ProcessUsage } from "../lib/processes.ts";
import type { LinkSocket } from "../model/link-socket.ts";
import type { AgentId, AttemptId, RuntimeName } from "../model/records.ts";
import type { NodeResources } from "../model/resources.ts";
import type { HostBeat } from "../model/signs.ts";
import type { ReadSession, RuntimeAgent, ToolCall } from "../runtimes/index.ts";
import type { Workspaces } from "../workspace/index.ts";
import type { HostPoolEvents, StartRequest } from "./host-pool.ts";
import type { OutboxStore } from "./outbox.ts";

/** An agent that is up, in the process `hostPid`. */
export type PooledAgent = RuntimeAgent & { readonly hostPid: number };

/** Holds agents in processes. `HostPool` says what each of these promises. */
export interface AgentPool {
  start(requests: StartRequest[]): Promise<PooledAgent>[];
  prewarm(): Promise<void>;
  /** `why` is told of the agents that are lost with it. */
  kill(pid: number, why: string): void;
  /** Whether hosts without agents may stay up; those that may not are ended. */
  keepWarm(allowed: boolean): void;
  hostStats(): readonly unknown[];
  /** Asks every host with agents for a sign of life. */
  ping(): void;
  /** How long ago each host with agents gave one. */
  beats(): HostBeat[];
  close(): Promise<void>;
}

/** The way to the models. */
export type Models = Pick<
  Gateway,
  | "resolve"
  | "choose"
  | "openTeam"
  | "closeTeam"
  | "limit"
  | "giveBack"
  | "reservedOf"
  | "parked"
  | "providers"
  | "parkedMsOf"
  | "grant"
  | "revoke"
  | "isEnded"
  | "recover"
  | "complete"
  | "close"
>;

/** Worktrees, gates and merges. */
export type Worktrees = Pick<
  Workspaces,
  | "inspect"
  | "map"
  | "patch"
  | "redOnBase"
  | "openTeam"
  | "closeTeam"
  | "open"
  | "adopt"
  | "list"
  | "commit"
  | "take"
  | "runGates"
  | "merge"
  | "release"
  | "collect"
  | "salvage"
  | "close"
>;

export type { ReadSession } from "../runtimes/index.ts";

export interface NodeWorld {
  /** Of the node's own process. */
  pid: number;
  cores: number;
  /** Of the node's own process. */
  env: NodeJS.ProcessEnv;
  /** Memory of the node's own process, now. */
  rssBytes(): number;
  workspaces: Worktrees;
  outbox: OutboxStore;
  openModels(onUsage: GatewayOptions["onUsage"]): Promise<Models>;
  openPool(events: HostPoolEvents): AgentPool;
  /** A new connection to the engine, or null while none is to be found. */
  connect(): LinkSocket | null;
  /** Calls `listener` when an engine may have come, until the answer is called. It may never know: time brings the next try. */
  onEngine(listener: () => void): () => void;
  /** Makes a folder, and those above it. Throws what the file system does. */
  makeDir(path: string): void;
  /** Removes a folder with all that is in it, or what of it can be. Never rejects. */
  removeDir(path: string): Promise<void>;
  /** What lies in these folders, in bytes; what is over `atMost` need not be told exactly. Never rejects. */
  sizeOf(folders: readonly string[], atMost: number): Promise<number>;
  /** How sessions of dead agents are read; null for a runtime whose agents begin each attempt anew. */
  sessionsOf(runtime: RuntimeName): ReadSession | null;
  /** What is left of what agents take, on the disks of these folders and in all. */
  measure(paths: readonly string[]): NodeResources;
  /** What the commands of attempts take, by attempt. */
  usageByAttempt(): Promise<ReadonlyMap<AttemptId, ProcessUsage>>;
  /** How long the first parts of models' answers took since it was last asked, in ms. */
  firstTokens(): number[];
  /** An agent's call of a tool has ended. */
  toolCalled(agent: AgentId, attempt: AttemptId, call: ToolCall): void;
  /** Ends every process that an earlier node or this one has left behind, and removes the temporary files of attempts. */
  killStrays(): Promise<void>;
  /** One line for people, in the node's log. */
  log: Log;
}
