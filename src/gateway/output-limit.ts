/** The most that a request lets the model put out, in each API's own words: how to read it, and how to lower it. */
import { type Fields, isFields } from "../lib/json.ts";
import type { ModelApi } from "./apis.ts";
import type { ServedModel } from "./served-model.ts";

export interface OutputLimit {
  /** Tokens of output that the request allows, for each of its answers. */
  tokens: number;
  /** The fewest that are of use. */
  least: number;
  /** Answers that are asked for at once. */
  answers: number;
  /** Whether the request says so itself. Where it does not, the limit must be written into it to hold. */
  stated: boolean;
}

/** Fields that hold the limit. OpenAI's newer models know the first, most compatible servers the second. */
export const limitFields: Record<ModelApi, readonly string[]> = {
  "openai-completions": ["max_completion_tokens", "max_tokens"],
  "openai-responses": ["max_output_tokens"],
  "anthropic-messages": ["max_tokens"],
};

/** An answer shorter than this, in tokens, hardly ever holds a whole step of work: it is not worth its input. */
const leastAnswer = 1_024;
/** Anthropic refuses to think with less. */
const leastThinking = 1_024;

/** What pi assumes where a model's description does not say. */
const usualMaxTokens = 128_000;

export function readLimit(request: Fields, model: ServedModel): OutputLimit {
  const given = limitFields[model.api].map((name) => request[name]).filter((value) => value != null);
  const stated = given.length > 0 && given.every(isCount);
  const tokens = stated ? Math.max(...given.filter(isCount)) : longestAnswer(model);
  const least = thinking(request) === undefined ? leastAnswer : leastThinking + leastAnswer;
  return {
    tokens,
    least: takesLimit(model) ? Math.min(tokens, least) : tokens,
    answers: model.api === "openai-completions" && isCount(request.n) ? request.n : 1,
    stated: stated || !takesLimit(model),
  };
}

/** `request` with at most `tokens` of output, thinking included; all else stays as it is. */
export function withLimit(request: Fields, model: ServedModel, tokens: number): Fields {
  const fields = limitFields[model.api];
  const present = fields.filter((name) => request[name] != null);
  const names = present.length > 0 ? present : [usualField(model)];
  const lowered = names.map((name) => [name, Math.min(tokens, numberOr(request[name], tokens))]);
  return { ...request, ...Object.fromEntries(lowered), ...thinkingWithin(request, tokens) };
}

/** Which field a server that is described in this way knows. */
export function usualField({ api, host, target }: ServedModel): string {
  if (api === "openai-responses") return "max_output_tokens";
  if (api === "anthropic-messages") return "max_tokens";
  const { compat } = target.description;
  if (isFields(compat) && typeof compat.maxTokensField === "string") return compat.maxTokensField;
  return host.endsWith("openai.com") ? "max_completion_tokens" : "max_tokens";
}

/** Thinking comes out of the same limit, and both vendors that count it apart want it to be less. */
function thinkingWithin(request: Fields, tokens: number): Fields {
  const found = thinking(request);
  if (found === undefined || found.tokens < tokens) return {};
  const within = Math.max(leastThinking, tokens - leastAnswer);
  return { [found.field]: { ...found.value, [found.key]: within } };
}

function thinking(request: Fields): { field: string; value: Fields; key: string; tokens: number } | undefined {
  // Anthropic's own form, then OpenRouter's.
  for (const [field, key] of [
    ["thinking", "budget_tokens"],
    ["reasoning", "max_tokens"],
  ] as const) {
    const value = request[field];
    if (isFields(value) && isCount(value[key])) return { field, value, key, tokens: value[key] };
  }
  return undefined;
}

/** Some servers of the Responses API refuse a limit; there a request is let in with its model's longest answer, or not at all. */
function takesLimit({ api, target }: ServedModel): boolean {
  const { compat } = target.description;
  return !(api === "openai-responses" && isFields(compat) && compat.supportsMaxOutputTokens === false);
}

function longestAnswer({ target }: ServedModel): number {
  return numberOr(target.description.maxTokens, usualMaxTokens);
}

function numberOr(value: unknown, otherwise: number): number {
  return isCount(value) ? value : otherwise;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value > 0;
}
