/** What a node tells of how its hosts and agents do: for the health monitor, and never journaled. */
import type { Millis } from "../lib/clock.ts";
import type { AgentId, AttemptId } from "./records.ts";

/** A sign of what an agent does, for the health monitor; cheap, and digests in place of texts. Never journaled. */
export type Sign =
  /** Tokens or output arrive. */
  | { what: "output" }
  | { what: "tool-started" }
  /** `action` digests the tool and its arguments, `outcome` what it answered. */
  | { what: "tool-ended"; action: string; outcome: string; failed: boolean }
  /** `text` digests a whole message. */
  | { what: "said"; text: string }
  | { what: "answered"; seconds: number; tokens: number; totalTokens: number; costUsd: number };

/** A sign of an agent at work on `attempt`, and how long it came before the heartbeat that tells it, in ms. */
export interface AgentSign {
  agent: AgentId;
  attempt: AttemptId;
  agoMs: Millis;
  sign: Sign;
}

/** How long ago a host of agents last gave a sign of life, in ms. */
export interface HostBeat {
  pid: number;
  agoMs: Millis;
}
