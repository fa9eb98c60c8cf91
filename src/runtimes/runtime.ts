/**
 * How a real coding agent is driven. A runtime lives in an agent host, a process of its own that the node starts.
 * `contract.ts` holds the promises; each runtime passes it.
 */

import type { Millis } from "../lib/clock.ts";
import type { ModelTarget } from "../model/model-target.ts";
import type { AgentId, AttemptId, Failure } from "../model/records.ts";
import type { Sign } from "../model/signs.ts";
import type { Saying } from "../model/transcript.ts";
import type { Usage } from "../model/usage.ts";

export interface AgentSpec {
  id: AgentId;
  skills: readonly string[];
  /** null for a runtime that asks no model. */
  model: ModelTarget | null;
  /** The agent's own folder, made before it starts: sessions, caches, scratch. */
  home: string;
}

/** How long an agent tells what it says once it was asked to, in ms: those who go on watching ask again. */
export const watchMs: Millis = 5_000;

/** One attempt, as an agent is told of it. */
export interface Work {
  attempt: AttemptId;
  /** The worktree of the attempt; the agent stays inside. */
  cwd: string;
  prompt: string;
  /** Base URL of the gateway for this attempt, ending in its token; null for a runtime that asks no model. */
  modelUrl: string | null;
  /** The model behind it, where it is not that of the agent. */
  model?: ModelTarget;
  /** Extra environment of every command that the agent runs. The runtime adds GODEL_ATTEMPT, to find strays by. */
  env: Record<string, string>;
  /** Folder for the attempt's transcript. */
  transcriptDir: string;
  /** The file of a session to go on in, in `transcriptDir`: `prompt` then says what happened. Absent: a new one. */
  session?: string;
}

/** How a prompt ended. `ok` says that the agent finished of its own accord, not that its work is right. */
export type Settled = { ok: true; summary: string; usage: Usage } | { ok: false; failure: Failure; usage: Usage };

export type RuntimeEvent =
  /** The session that works on the attempt, once it is known. */
  | { type: "session"; attempt: AttemptId; sessionId: string; transcript: string | null }
  /** Something was said or done; `text` is one line for people. Also the sign of progress. */
  | { type: "activity"; attempt: AttemptId; text: string }
  /** What is being said, while somebody watches: newest wins. Empty when all of it is in the transcript. */
  | { type: "saying"; attempt: AttemptId; parts: Saying[] }
  /** What the health monitor looks at: at most one `output` a second, and each tool call and answer. */
  | { type: "sign"; attempt: AttemptId; sign: Sign }
  /** A call of a tool has ended. */
  | { type: "tool"; attempt: AttemptId; call: ToolCall };

export interface ToolCall {
  /** As the agent knows it, such as `bash`. */
  tool: string;
  /** Unix time, in ms. */
  startedAt: Millis;
  ms: Millis;
  failed: boolean;
}

export interface RuntimeAgent {
  /** Real from the start: the agent's current session (pi), or a name of its own kind. */
  readonly sessionId: string;
  /**
   * Works on `work` until it has settled: retries and compaction are over, and no command of it runs, not even one
   * that was left in the background.
   * One prompt at a time. Never rejects: what goes wrong is a `Settled` with a failure.
   */
  prompt(work: Work): Promise<Settled>;
  /** Puts a message between two turns of the running prompt. False when there is none to steer. */
  steer(text: string): Promise<boolean>;
  /** Ends the running prompt, which then settles with `cancelled`. Kills the commands it runs. Does nothing when idle. */
  abort(): Promise<void>;
  /** Holds the agent: between two turns, or at once where the runtime can. May be called twice. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /**
   * Somebody watches the running prompt: for `watchMs` what it says is told as it comes, in `saying` events. Does nothing when
   * idle, and in a runtime whose transcript has all at once.
   */
  watch(): Promise<void>;
  /** Ends the session and everything it started. May be called twice. */
  stop(): Promise<void>;
  /** Of the prompts that have settled since the agent started. */
  usage(): Usage;
}

export interface Runtime {
  readonly name: string;
  /** Whether its agents talk to a model, and so need a `ModelTarget`. */
  readonly needsModel: boolean;
  /** @throws GodelError RUNTIME_FAILED */
  start(spec: AgentSpec, onEvent: (event: RuntimeEvent) => void): Promise<RuntimeAgent>;
  /** Ends what all of its agents share. */
  close(): Promise<void>;
}
