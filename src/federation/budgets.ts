/** What all teams together may spend, and each attempt: beside the budgets that teams and tasks are given. */
import { inRange, resolveOptions } from "../lib/options.ts";

export interface BudgetOptions {
  /** USD that all teams may spend in an hour of wall time. Default no limit. Requests beyond it wait for the next hour. */
  hourUsd: number;
  /** Tokens that all teams may use in an hour, input and output. Default no limit. */
  hourTokens: number;
  /** USD that all teams may ever spend. Default no limit. Beyond it tasks fail with `budget`. */
  totalUsd: number;
  /** Tokens that all teams may ever use. Default no limit. */
  totalTokens: number;
  /** USD that one attempt at a task may spend. Default no limit. */
  attemptUsd: number;
  /** Tokens that one attempt may use. Default no limit. */
  attemptTokens: number;
}

const none = Number.POSITIVE_INFINITY;
export const budgetDefaults: BudgetOptions = {
  hourUsd: none,
  hourTokens: none,
  totalUsd: none,
  totalTokens: none,
  attemptUsd: none,
  attemptTokens: none,
};

/** @throws GodelError OPTION_UNKNOWN, OPTION_RANGE */
export function resolveBudgets(given: Partial<BudgetOptions> = {}): BudgetOptions {
  const options = resolveOptions(budgetDefaults, given);
  for (const [name, value] of Object.entries(options)) inRange(name, value, 0, none);
  return options;
}
