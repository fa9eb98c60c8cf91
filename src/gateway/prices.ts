import { type Fields, isFields } from "../lib/json.ts";
import type { Usage } from "../model/usage.ts";

/** Tokens of one request. `input` is without what was read from or written to the cache; `output` includes reasoning. */
export interface Counts {
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite: number;
  /** The part of `cacheWrite` that is kept for an hour, which Anthropic bills at twice the input price. */
  cacheWriteHour: number;
  /** OpenAI's service tier of the answer; flex and priority have prices of their own. */
  tier: string;
}

export const noCounts: Readonly<Counts> = {
  input: 0,
  output: 0,
  cacheRead: 0,
  cacheWrite: 0,
  cacheWriteHour: 0,
  tier: "",
};

/** USD per million tokens. */
interface Rates {
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite: number;
}

export interface Prices extends Rates {
  /** The highest threshold below the request's input holds for the whole request. */
  tiers: (Rates & { inputTokensAbove: number })[];
}

/** The `cost` of a model as pi describes it; what it does not say is free, as for pi. */
export function readPrices(cost: unknown): Prices {
  const fields = isFields(cost) ? cost : {};
  const tiers = Array.isArray(fields.tiers) ? fields.tiers.filter(isFields) : [];
  return {
    ...readRates(fields),
    tiers: tiers.map((tier) => ({ ...readRates(tier), inputTokensAbove: Number(tier.inputTokensAbove) })),
  };
}

function readRates(fields: Fields): Rates {
  const rate = (name: string) => Math.max(0, Number(fields[name] ?? 0) || 0);
  return {
    input: rate("input"),
    output: rate("output"),
    cacheRead: rate("cacheRead"),
    cacheWrite: rate("cacheWrite"),
  };
}

/** One request's usage. Same arithmetic as pi-ai's `calculateCost`, so that both name the same sum. */
export function priced(counts: Counts, prices: Prices, modelId: string): Usage {
  const { input, output, cacheRead, cacheWrite, cacheWriteHour } = counts;
  const rates = ratesFor(input + cacheRead + cacheWrite, prices);
  const perMillion =
    rates.input * input +
    rates.output * output +
    rates.cacheRead * cacheRead +
    rates.cacheWrite * (cacheWrite - cacheWriteHour) +
    rates.input * 2 * cacheWriteHour;
  const costUsd = (perMillion / 1e6) * tierFactor(counts.tier, modelId);
  return { requests: 1, input, output, cacheRead, cacheWrite, costUsd };
}

function ratesFor(inputTokens: number, prices: Prices): Rates {
  let best: Rates = prices;
  let above = -1;
  for (const tier of prices.tiers) {
    if (inputTokens > tier.inputTokensAbove && tier.inputTokensAbove > above) {
      best = tier;
      above = tier.inputTokensAbove;
    }
  }
  return best;
}

/** Whether nothing that the model does costs anything. */
export function isFree(prices: Prices): boolean {
  return [prices, ...prices.tiers].every((rates) => Math.max(...allRates(rates)) === 0);
}

/** What is known of a request before it goes out. */
export interface Asked {
  /** Tokens of input at most. */
  input: number;
  cachedForAnHour: boolean;
  tier: string;
  modelId: string;
}

/** USD per token of input and of output, at most: cached or not, and in whatever price tier the input may end. */
export function dearest(prices: Prices, asked: Asked): { input: number; output: number } {
  const within = prices.tiers.filter(({ inputTokensAbove }) => asked.input > inputTokensAbove);
  const all = [prices, ...within];
  const perMillion = tierFactor(asked.tier, asked.modelId) / 1e6;
  const hour = asked.cachedForAnHour ? 2 : 1;
  const input = all.map((rates) => Math.max(rates.input * hour, rates.cacheRead, rates.cacheWrite));
  return { input: Math.max(...input) * perMillion, output: Math.max(...all.map(({ output }) => output)) * perMillion };
}

function allRates({ input, output, cacheRead, cacheWrite }: Rates): number[] {
  return [input, output, cacheRead, cacheWrite];
}

/** OpenAI's factors, as pi-ai 0.87.1 has them. */
function tierFactor(tier: string, modelId: string): number {
  if (tier === "flex") return 0.5;
  if (tier === "priority") return modelId === "gpt-5.5" ? 2.5 : 2;
  return 1;
}
