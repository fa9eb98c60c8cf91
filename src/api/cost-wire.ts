/** What the HTTP API says of money. Types, and the words that may be asked with. */

export interface Tokens {
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite: number;
}

export interface Cost {
  spentUsd: number;
  reservedUsd: number;
  budgetUsd: number | null;
  /** Input and output, cached ones too. */
  budgetTokens: number | null;
  /** Spent per task done; null before the first. */
  perTaskUsd: number | null;
  /** USD an hour, of this hour and the one before; 0 once the team has ended. */
  burnUsdPerHour: number;
  /** What it will have spent in the end if the tasks that are open cost what those that are done did; null before the first. */
  forecastUsd: number | null;
  tokens: Tokens;
}

export const costSplits = ["task", "agent", "model", "hour"] as const;
export type CostBy = (typeof costSplits)[number];

/** GET /api/v1/costs?team=&by= */
export interface TierView {
  name: string;
  model: string;
  /** What a try is reckoned to cost. */
  costUsd: number;
  /** By skills, "" for tasks that ask for none. Outcomes lose half their weight in a week. */
  chances: { skill: string; retried: boolean; chance: number; outcomes: number }[];
}

export interface CostReport {
  by: CostBy;
  items: CostRow[];
  total: { requests: number; costUsd: number; tokens: Tokens };
}

export interface CostRow {
  /** A task, an agent, a model, or the hour that begins then; what planning took is apart. */
  key: string;
  requests: number;
  costUsd: number;
  tokens: Tokens;
}

/** POST /api/v1/teams/:team/budget: more than it was; null takes the limit away. Failed tasks are not retried by it. */
export interface BudgetRequest {
  budgetUsd: number | null;
}
