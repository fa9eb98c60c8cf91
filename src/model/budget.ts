/** What something may use, and has used: money and tokens, which are limited side by side. */
import type { Usage } from "./usage.ts";

export interface Money {
  usd: number;
  /** Of input and output, cached ones too: a subscription at price zero is limited by these. */
  tokens: number;
}

/** Of a team, in USD: more is a slip of the finger. */
export const maxBudgetUsd = 1e6;

/** null: no limit. */
export interface Limit {
  usd: number | null;
  tokens: number | null;
}

/** A limit as it is told: without a version it is the first. */
export type Allowed = Limit & Partial<Pick<Allowance, "version">>;

/** What a node may spend of a budget in all, or by the hour. null: no limit. */
export interface Allowance extends Limit {
  /** Counts the grants: a node that has given some back knows by it whether it was heard. */
  version: number;
  /** It was asked for some of it. */
  recalled?: boolean;
}

export const noLimit: Readonly<Limit> = { usd: null, tokens: null };
export const noMoney: Readonly<Money> = { usd: 0, tokens: 0 };

export function moneyOf({ costUsd, input, output, cacheRead, cacheWrite }: Usage): Money {
  return { usd: costUsd, tokens: input + output + cacheRead + cacheWrite };
}

/** What is left of `limit`; without one, infinity. Below zero where more is gone than that. */
export function leftOf(limit: Limit, gone: Money): Money {
  return {
    usd: (limit.usd ?? Number.POSITIVE_INFINITY) - gone.usd,
    tokens: (limit.tokens ?? Number.POSITIVE_INFINITY) - gone.tokens,
  };
}

export function addMoney(a: Money, b: Money): Money {
  return { usd: a.usd + b.usd, tokens: a.tokens + b.tokens };
}

export function lessMoney(a: Money, b: Money): Money {
  return { usd: a.usd - b.usd, tokens: a.tokens - b.tokens };
}
