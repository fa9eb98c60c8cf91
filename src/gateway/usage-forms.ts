import { type Fields, isFields } from "../lib/json.ts";
import type { ModelApi } from "./apis.ts";
import type { Counts } from "./prices.ts";

/** What a message of a vendor says of usage. `final` when nothing more will follow but, perhaps, the same again. */
export interface Reading {
  counts: Partial<Counts>;
  final: boolean;
}

/** The usage in one SSE message or one whole body, or undefined where it has none. */
export function readUsage(api: ModelApi, message: Fields): Reading | undefined {
  return forms[api](message);
}

const forms: Record<ModelApi, (message: Fields) => Reading | undefined> = {
  "openai-completions": (message) => {
    // Most put it beside the choices, some (Moonshot) into the first.
    const first = Array.isArray(message.choices) ? message.choices[0] : undefined;
    const usage = message.usage ?? (isFields(first) ? first.usage : undefined);
    if (!isFields(usage)) return undefined;
    const details = within(usage, "prompt_tokens_details");
    const read = number(details.cached_tokens ?? usage.prompt_cache_hit_tokens ?? usage.cached_tokens);
    return openAi({ prompt: usage.prompt_tokens, output: usage.completion_tokens, read, details }, message);
  },
  "openai-responses": (message) => {
    const response = isFields(message.response) ? message.response : message;
    const { usage } = response;
    if (!isFields(usage)) return undefined;
    const details = within(usage, "input_tokens_details");
    const read = number(details.cached_tokens);
    return openAi({ prompt: usage.input_tokens, output: usage.output_tokens, read, details }, response);
  },
  "anthropic-messages": (message) => {
    const start = within(message, "message");
    const usage = isFields(start.usage) ? start.usage : message.usage;
    if (!isFields(usage)) return undefined;
    return { counts: anthropicCounts(usage), final: message.type !== "message_start" && isCount(usage.output_tokens) };
  },
};

interface OpenAiUsage {
  prompt: unknown;
  output: unknown;
  /** Tokens that the provider's cache held. */
  read: number;
  details: Fields;
}

/** OpenAI counts cached tokens within the prompt; here they stand apart. What is no count tells nothing, and above all not zero. */
function openAi({ prompt, output: said, read: cacheRead, details }: OpenAiUsage, answer: Fields): Reading {
  const cacheWrite = number(details.cache_write_tokens);
  const [input, output] = [Math.max(0, number(prompt) - cacheRead - cacheWrite), number(said)];
  const tier = typeof answer.service_tier === "string" ? answer.service_tier : "";
  return { counts: { input, output, cacheRead, cacheWrite, tier }, final: isCount(prompt) && isCount(said) };
}

/** Only what is present: the last message of a stream may repeat the output alone. */
function anthropicCounts(usage: Fields): Partial<Counts> {
  const counts: Partial<Counts> = {};
  const set = (name: "input" | "output" | "cacheRead" | "cacheWrite", value: unknown) => {
    if (typeof value === "number") counts[name] = number(value);
  };
  set("input", usage.input_tokens);
  set("output", usage.output_tokens);
  set("cacheRead", usage.cache_read_input_tokens);
  set("cacheWrite", usage.cache_creation_input_tokens);
  const hour = within(usage, "cache_creation").ephemeral_1h_input_tokens;
  if (typeof hour === "number") counts.cacheWriteHour = number(hour);
  return counts;
}

function within(fields: Fields, name: string): Fields {
  const value = fields[name];
  return isFields(value) ? value : {};
}

function isCount(value: unknown): boolean {
  return typeof value === "number" && value >= 0 && Number.isFinite(value);
}

/** A count that a server may have left out or got wrong: never negative, never NaN. */
function number(value: unknown): number {
  return typeof value === "number" && value > 0 && Number.isFinite(value) ? value : 0;
}
