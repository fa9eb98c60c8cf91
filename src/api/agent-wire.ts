import type { AgentState } from "../model/states.ts";

/** GET /api/v1/agents?team= and /api/v1/agents/:agent */
export interface AgentView {
  id: string;
  team: string;
  node: string;
  runtime: string;
  model: string;
  skills: string[];
  state: AgentState;
  hostPid: number | null;
  sessionId: string | null;
  attempt: string | null;
  task: string | null;
  /** What it does right now, one line; "" when idle. */
  activity: string;
  /** Its request waits for a provider: why, and until when, where that is known. Else null. */
  parked: { why: string; until: string | null } | null;
  requestedAt: string;
  readyAt: string | null;
  endedAt: string | null;
  reason: string;
  /** Why it is suspect; null while it is not. */
  suspicion: Sighting | null;
  /** Until when it gets no work for how it has done, and why; null for most. */
  held: { until: string; why: string } | null;
  /**
   * By what it is chosen: the share of its tasks that it brings to a good end, at least, and what a unit of work takes and
   * costs. Null before its first outcome.
   */
  record: { reliability: number; msPerUnit: number | null; usdPerUnit: number | null } | null;
  /** Why it got the task that it is at; "" where it is at none, or there was no choice. */
  chosen: string;
  /** What was odd about it lately, the newest last; at most five. */
  anomalies: Sighting[];
  attempts: number;
  costUsd: number;
}

/** What the health monitor saw of an agent. `signal`: alive, progress, deadline, or the kind of an anomaly. */
export interface Sighting {
  at: string;
  signal: string;
  detail: string;
}
