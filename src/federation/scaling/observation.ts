/** What the scaler is shown, and what it answers. Plain data: it can be journaled, printed and replayed. */
import type { Millis } from "../../lib/clock.ts";

/** The agents with one set of skills, and the tasks that ask for them. All counts are of this moment. */
export interface PoolObservation {
  /** Its name, such as the skills joined; unique in the fleet. */
  pool: string;
  /** Tasks whose needs are done and that wait for an agent. */
  runnable: number;
  /** Tasks that wait for other tasks. Shown in the reasons, never counted as demand. */
  blocked?: number;
  busy: number;
  idle: number;
  /** Requested and not up yet: supply already, so that one task is not answered with two spawns. */
  starting: number;
  /** On their way out: no supply, but they count against `maxAgents` until they are gone. */
  draining?: number;
  /** How long the 95th percentile of its tasks waited lately, in ms. Default 0. */
  waitP95Ms?: Millis;
  /**
   * How long an agent takes to start, in ms. Default 0. As many tasks as agents are at work wait that long for one of them
   * to become free before another is started.
   */
  startMs?: Millis;
  /** Agents that a forecast expects to be needed. It may only raise the minimum. Default 0. */
  forecast?: number;
}

export interface FleetObservation {
  pools: readonly PoolObservation[];
  /** USD that the fleet ever spent, and USD that requests in flight have reserved. Default 0. */
  money?: { spentUsd: number; reservedUsd: number };
  /** Spawns that ever came up and that ever failed. Default 0. */
  spawns?: { succeeded: number; failed: number };
  /** Agents that the hosts have room for beyond those there are: memory, load, disk, quota. Default: no limit. */
  hostRoom?: number;
}

/** What may hold back growth. In this order where several bind alike. */
export type ScaleLimit = "max-agents" | "budget" | "host" | "spawn-failures" | "spawn-rate";

/** Why the fleet grows, shrinks or stays. A limit stands here when it leaves no room at all. */
export type ScaleReason =
  | "queue"
  | "latency"
  | "forecast"
  | "minimum"
  | "idle"
  | "over-max"
  | "over-budget"
  | "make-room"
  | "within-threshold"
  | "soon-free"
  | "steady"
  | ScaleLimit;

export interface PoolDecision {
  pool: string;
  /** Agents that it should have without any limit. */
  wanted: number;
  /** Agents to start now. */
  spawn: number;
  /** Idle agents to drain now, never busy ones. */
  drain: number;
  reason: ScaleReason;
}

export interface ScaleDecision {
  at: Millis;
  /** Agents that there should be once this decision is carried out: the present ones + spawn - drain. */
  desired: number;
  wanted: number;
  spawn: number;
  drain: number;
  reason: ScaleReason;
  /** What held growth back, wholly or in part. */
  limitedBy: ScaleLimit | null;
  pools: PoolDecision[];
  /** What it was decided from. */
  inputs: ScaleInputs;
}

export interface ScaleInputs {
  busy: number;
  idle: number;
  starting: number;
  draining: number;
  runnable: number;
  blocked: number;
  burnUsdPerHour: number;
  costPerAgentHourUsd: number;
  reservedUsd: number;
  /** Agents that each limit would have let start; null where it does not limit. */
  room: Record<ScaleLimit, number | null>;
}
