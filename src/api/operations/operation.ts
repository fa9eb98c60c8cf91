/** What is said of an operation of the API, and what many of them share. */
import type { TSchema } from "typebox";
import type { ErrorCode } from "../../lib/errors.ts";
import type { Role } from "../roles.ts";
import { word } from "./schema.ts";

export interface Operation {
  summary: string;
  /** The least role that may ask. */
  role: Role;
  query?: TSchema;
  body?: TSchema;
  answer: TSchema;
  /** Of an answer. Default 200. */
  status?: number;
  /** Of a body, in bytes. Default 64 KiB. */
  bodyLimit?: number;
  /** What it may refuse with, beside what any may. */
  errors: readonly ErrorCode[];
  /** Its answer holds a secret, and so is kept nowhere: a repeat with the same Idempotency-Key is refused. */
  isSecret?: boolean;
  /** Default `application/json`. */
  contentType?: string;
}

export const megabytes = 1 << 20;
export const noTeam = ["TEAM_NOT_FOUND", "TEAM_AMBIGUOUS"] as const;
export const noTask = ["TASK_NOT_FOUND", "TASK_AMBIGUOUS", ...noTeam] as const;
export const noAgent = ["AGENT_NOT_FOUND", "AGENT_AMBIGUOUS"] as const;
export const inspected = [
  "REPO_INVALID",
  "REPO_EMPTY",
  "MODEL_UNKNOWN",
  "MODEL_KEY_MISSING",
  "MODEL_API_UNSUPPORTED",
] as const;
export const planned = ["PLAN_INVALID", "GOAL_INVALID", "SKILL_MISSING", "RUNTIME_UNKNOWN", "OPTION_RANGE"] as const;

export const ofTeam = word("Name or id of a team; `-`, the default, is the one that lives, else the newest.");
export const reads = { role: "viewer" } as const;
export const acts = { role: "operator" } as const;
export const rules = { role: "admin" } as const;
