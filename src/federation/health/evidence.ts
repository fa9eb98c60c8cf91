/** What the monitor says, and what it saw. Plain data: it can be journaled and shown as the reason of a kill. */
import type { Millis } from "../../lib/clock.ts";
import type { AgentId } from "../../model/records.ts";

/** The three signals, kept apart: a live process may not progress, and one that progresses may be too late. */
export type Signal = "alive" | "progress" | "deadline";

export type AnomalyKind = "speed" | "errors" | "token-burn" | "cost-burn" | "loop" | "crash-loop";

export interface Evidence {
  signal: Signal | AnomalyKind;
  /** For people, in one sentence. */
  detail: string;
  /** The figures that it rests on, by name with their unit. */
  figures: Record<string, number>;
}

export interface HealthReport {
  type: "suspect" | "unhealthy" | "recovered" | "anomaly";
  at: Millis;
  agent: AgentId;
  evidence: Evidence;
}
