import type { AttemptId, TeamId } from "./records.ts";

/** An attempt whose request waits for a provider: for a limit, or for the provider to come back. Shown, never journaled. */
export interface Parked {
  team: TeamId;
  attempt: AttemptId;
  /** What it waits for, as a clause: `acme said 429`. */
  why: string;
  /** Unix time; null where it waits for another request to end. */
  until: number | null;
  /** Unix time; missing in what an older node says, as is the next. */
  since?: number;
  /** All that could answer is out: only time helps, or a person who names another model. */
  isOut?: boolean;
  /** How long it waits so before a person is asked, in ms. Missing in what an older node says: 5 minutes. */
  askAfterMs?: number;
}
