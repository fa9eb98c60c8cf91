/** What the HTTP API takes and gives of plans. */
import type { Plan } from "../model/plan.ts";

/** POST /api/v1/plans */
export interface PlanRequest {
  repo: string;
  /** Exactly one of `goal` and `plan`, which is a plan as a file holds it, to be looked at. */
  goal?: string;
  plan?: unknown;
  model?: string;
  /** How many agents should have work at once. Default 5. */
  parallelism?: number;
  skills?: string[];
  strategy?: string;
  files?: string[];
  /** A POSIX extended regular expression that a line of each file must match. */
  query?: string;
  /** Whether a plan that leaves demands of the goal undone is answered too, when the planner mends no more. */
  keepUnmet?: boolean;
  /** Split over the tasks by their weight, a fifth held back. */
  budgetUsd?: number;
}

export interface PlanAnswer {
  plan: Plan;
  /** What it cost to make. */
  costUsd: number;
  /** How it came about: `model`, `files`, `checklist` or `plan`. */
  strategy: string;
  /** What the goal asks for and no task meets, a line each. */
  unmet: string[];
  /** What a person should know before it runs. */
  warnings: string[];
}
