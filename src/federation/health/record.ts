/** All that the monitor remembers, as JSON can hold it. */
import type { AgentId } from "../../model/records.ts";
import type { Habits, Peers } from "./anomalies.ts";
import type { CrashBook } from "./crash-loops.ts";
import { newSelfCheck, type SelfCheck } from "./self-check.ts";
import type { Signs } from "./signals.ts";

/** Who is watched. */
export interface Watched {
  agent: AgentId;
  /** Its peers are those of the same model. Default "". */
  model?: string;
  /** What sends its heartbeats, such as its host: agents of one source fall silent together. Default: itself. */
  source?: string;
  /** What outlives it and would crash again, such as its team's pool. Default: itself. */
  lineage?: string;
  /** Whether it sends heartbeats at all. Default true. */
  heartbeats?: boolean;
}

export interface HealthRecord extends Required<Omit<Watched, "heartbeats">> {
  signs: Signs;
  habits: Habits;
  /** Its place in the arrays of the sweep; new in each process. */
  slot: number;
}

export interface HealthState {
  agents: HealthRecord[];
  models: Record<string, Peers>;
  crashes: CrashBook;
  self: SelfCheck;
}

export function newState(): HealthState {
  return { agents: [], models: {}, crashes: {}, self: newSelfCheck() };
}
