/** What was seen and why something was done, as events carry it and people are shown it. */
import type { Millis } from "../lib/clock.ts";

/** What the health monitor saw. */
export interface Evidence {
  /** What it is about: `alive`, `progress`, `deadline`, or the kind of an anomaly. */
  signal: string;
  /** For people, in one sentence. */
  detail: string;
  /** The figures that it rests on, by name with their unit. */
  figures: Record<string, number>;
}

export type Noted = Evidence & { at: Millis };

/** Why an attempt went to its agent. */
export interface AgentChoice {
  /** The weighted sum of the terms, each from 0 to 1. */
  score: number;
  terms: Record<string, number>;
  /** How many agents could have had it. */
  among: number;
  /** How many could not, by reason. */
  rejected: { why: string; agents: number }[];
}

/** Why the auto-scaler changed the size of a team, and from what it decided. */
export interface Scaling {
  at: Millis;
  /** A sentence for people, with its figures. */
  why: string;
  /** The same in a word, and what held growth back. */
  reason: string;
  limitedBy: string | null;
  /** Agents that it wanted without any limit, and that it started and let go. */
  wanted: number;
  spawn: number;
  drain: number;
  inputs: object;
  /** Where the scaler goes on after a restart. */
  memory: object;
}
