/** What `godel gc` removes: things of teams that are over, whose work is merged. */
import type { TeamId } from "./records.ts";

/** A team that is over, so that its node may look at what is left of it. */
export interface EndedTeam {
  id: TeamId;
  name: string;
  repo: string;
  base: string;
  branch: string;
  /** Why all of it is kept whatever git says, for people; null where it may go. */
  keep: string | null;
}

/**
 * `branch`: a team's. `ref`: an attempt's kept commit. `session`: its transcript and the output of its gates. `worktree`: one
 * that was left. `scratch`: the folder of an agent that is gone.
 */
export const garbageKinds = ["branch", "ref", "session", "worktree", "scratch"] as const;
export type GarbageKind = (typeof garbageKinds)[number];

export interface Garbage {
  kind: GarbageKind;
  /** A branch or ref as git names it, else a path. */
  name: string;
  /** Null where it belongs to no team that is known. */
  team: TeamId | null;
  /** Why it may go, or why it is kept. */
  why: string;
  /** On the disk; null where that is git's to know. */
  bytes: number | null;
}

export interface Collection {
  removed: Garbage[];
  kept: Garbage[];
}
