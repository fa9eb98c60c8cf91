import { inRange } from "../../lib/options.ts";
import type { TrackRecord } from "../../model/standing.ts";
import type { AgentState } from "../../model/states.ts";

/** What the selector is told of an agent. */
export interface AgentProfile {
  id: string;
  /** Tags, or how good it is at each, from 0 to 1; a tag alone counts as 1. Default none. */
  skills?: readonly string[] | Readonly<Record<string, number>>;
  runtime?: string;
  /** Of its model. */
  tier?: string;
  /** Tasks that it may work on at once. Default 1, from 1 to 10,000. */
  capacity?: number;
  /** Only an idle or a busy one gets work. Default `idle`. */
  state?: AgentState;
  /** Why it gets no work for now, in a few words that others may share, such as "its breaker is open". */
  held?: string;
  /** It comes after all others, as one that just came back. */
  last?: boolean;
  /** What a unit of work is expected to cost and take, as long as its record does not say; in USD and ms. */
  costUsd?: number;
  taskMs?: number;
  /** What it may still spend, in USD. Default Infinity. */
  quotaUsd?: number;
  record?: TrackRecord;
}

/** The level of each skill. @throws GodelError OPTION_RANGE */
export function levelsOf({ skills = [] }: AgentProfile): Map<string, number> {
  const entries = Array.isArray(skills) ? skills.map((skill) => [skill, 1] as const) : Object.entries(skills);
  for (const [skill, level] of entries) inRange(`the level of "${skill}"`, level, 0, 1);
  return new Map(entries.filter(([, level]) => level > 0));
}
