/** What the HTTP API says of what needs a person, and how one decision is made for many. Types only. */

/** What can be decided for all of a group at once. */
export type AttentionAction = "retry" | "raise-budget" | "resume-team" | "resume-agents" | "answer";

/** Things of one team, or of a machine, that need a person for one cause. */
export interface AttentionGroup {
  /** The same as long as team and cause are. */
  key: string;
  cause: "failed" | "budget" | "paused" | "agents-paused" | "parked" | "alert" | "team-failed";
  team: { id: string; name: string } | null;
  /** One sentence. */
  title: string;
  /** Of tasks or agents; 0 where it is about the team itself. */
  count: number;
  /** The first of them. */
  items: { id: string; detail: string }[];
  /** Tasks that were skipped, or wait, because of these. */
  heldUp: number;
  /** ISO 8601, of the newest; null where that is not known. */
  since: string | null;
  /** Of the team, where `raise-budget` may help. */
  budgetUsd: number | null;
  actions: AttentionAction[];
}

/** GET /api/v1/attention: what is worth most first. Of teams that have left memory nothing is told. */
export interface Attention {
  items: AttentionGroup[];
}

/** POST /api/v1/tasks/bulk */
export interface BulkTasks {
  action: "retry" | "cancel";
  /** Ids; at most 1,000. */
  ids: string[];
}

/** POST /api/v1/agents/bulk */
export interface BulkAgents {
  action: "pause" | "resume" | "kill";
  ids: string[];
}

export interface BulkAnswer {
  done: string[];
  /** The others, each with why not. */
  refused: { id: string; code: string; detail: string }[];
}
