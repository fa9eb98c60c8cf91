import type { AgentProfile } from "./profile.ts";
import type { Rejection } from "./ranking.ts";
import type { Terms } from "./score.ts";
import type { Outcome } from "./track-record.ts";

/** Which agent, and why; or why none. */
export type Choice =
  | {
      agent: AgentProfile;
      /** The weighted sum of the terms, from 0 to 1. */
      score: number;
      terms: Terms;
      /** How many agents fitted. */
      among: number;
      rejected: Rejection[];
    }
  | { agent: null; rejected: Rejection[] };

/** A choice whose agent is reserved until it is released. */
export type Selection = Choice & {
  /** Gives the place back, and the files; a second call does nothing. An outcome adds to the agent's record. */
  release(outcome?: Outcome): void;
};
