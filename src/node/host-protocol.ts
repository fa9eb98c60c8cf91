/**
 * What a node and one of its agent hosts say to each other over the IPC channel of the child process (JSON).
 * The channel keeps order and ends with either side, so only what is waited for carries a number.
 */
import type { AgentId } from "../model/records.ts";
import type { AgentSpec, RuntimeEvent, Work } from "../runtimes/index.ts";

/** What is asked of one agent. Its answer is a `reply` with the same number. */
export type Call =
  | { op: "prompt"; work: Work }
  | { op: "steer"; text: string }
  | { op: "abort" }
  | { op: "pause" }
  | { op: "resume" }
  | { op: "watch" }
  | { op: "stop" };

export type ToHost =
  /** Answered by one `started` for all. */
  | { type: "start"; agents: AgentSpec[] }
  | { type: "call"; number: number; agent: AgentId; call: Call }
  | { type: "ping" }
  /** Stop every agent, then exit. */
  | { type: "close" };

export type FromHost =
  /** The runtime is loaded. */
  | { type: "loaded"; rssBytes: number }
  | {
      type: "started";
      ready: { agent: AgentId; sessionId: string }[];
      failed: { agent: AgentId; message: string }[];
      rssBytes: number;
    }
  | { type: "reply"; number: number; value: unknown }
  | { type: "pong"; rssBytes: number }
  | { type: "event"; agent: AgentId; event: RuntimeEvent };

/** Exit code of a host that could not load its runtime, or met a bug of its own. */
export const hostFailed = 70;
