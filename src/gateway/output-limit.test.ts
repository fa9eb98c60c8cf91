import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import type { Fields } from "../lib/json.ts";
import type { ModelApi } from "./apis.ts";
import { readLimit, withLimit } from "./output-limit.ts";
import { readPrices } from "./prices.ts";
import type { ServedModel } from "./served-model.ts";

function served(api: ModelApi, given: { host?: string; compat?: Fields } = {}): ServedModel {
  return {
    target: { provider: "p", id: "m", api, description: { maxTokens: 32_000, compat: given.compat } },
    api,
    prices: readPrices({}),
    host: given.host ?? "models.example",
    usageInStream: true,
    upstream: async () => ({ baseUrl: "", headers: {}, secrets: [] }),
    forgetKey: () => {},
  };
}

const chat = served("openai-completions");
const responses = served("openai-responses");
const anthropic = served("anthropic-messages");

test("each API's own field is lowered, and all else stays", () => {
  const rest = { model: "m", stream: true, messages: [{ role: "user", content: "hi" }] };
  const cases: [ServedModel, Fields, Fields][] = [
    [chat, { max_tokens: 9_000 }, { max_tokens: 5_000 }],
    [chat, { max_completion_tokens: 9_000 }, { max_completion_tokens: 5_000 }],
    [chat, { max_completion_tokens: 9_000, max_tokens: 80 }, { max_completion_tokens: 5_000, max_tokens: 80 }],
    [responses, { max_output_tokens: 9_000 }, { max_output_tokens: 5_000 }],
    [anthropic, { max_tokens: 9_000 }, { max_tokens: 5_000 }],
  ];
  for (const [model, given, expected] of cases) {
    deepEqual(withLimit({ ...rest, ...given }, model, 5_000), { ...rest, ...expected });
    equal(readLimit(given, model).tokens, 9_000);
    equal(readLimit(given, model).stated, true);
  }
});

test("a request without a limit, or with one that is no number, is taken at its model's and gets it in writing", () => {
  const openai = served("openai-completions", { host: "api.openai.com" });
  const told = served("openai-completions", { compat: { maxTokensField: "max_completion_tokens" } });
  for (const [model, field] of [
    [chat, "max_tokens"],
    [openai, "max_completion_tokens"],
    [told, "max_completion_tokens"],
    [responses, "max_output_tokens"],
    [anthropic, "max_tokens"],
  ] as const) {
    for (const given of [{}, { [field]: null }, { [field]: "64000" }, { [field]: -1 }, { [field]: 1.5 }]) {
      const { tokens, stated } = readLimit(given, model);
      deepEqual([tokens, stated], [32_000, false]);
      equal(withLimit(given, model, 700)[field], 700);
    }
  }
});

test("thinking stays below the maximum, with room for an answer, and is left alone where it fits", () => {
  const thinking = { type: "enabled", budget_tokens: 8_000 };
  deepEqual(withLimit({ max_tokens: 9_000, thinking }, anthropic, 5_000).thinking, {
    ...thinking,
    budget_tokens: 3_976,
  });
  deepEqual(withLimit({ max_tokens: 9_000, thinking }, anthropic, 8_500).thinking, thinking);
  equal(readLimit({ max_tokens: 9_000, thinking }, anthropic).least, 2_048);
  equal(withLimit({ max_tokens: 9_000, thinking }, anthropic, 2_048).max_tokens, 2_048);
  deepEqual(withLimit({ max_tokens: 9_000, thinking }, anthropic, 2_048).thinking, {
    ...thinking,
    budget_tokens: 1_024,
  });
  deepEqual(withLimit({ max_tokens: 9_000, reasoning: { max_tokens: 8_000 } }, chat, 5_000).reasoning, {
    max_tokens: 3_976,
  });
  const adaptive = { type: "adaptive" };
  deepEqual(withLimit({ max_tokens: 9_000, thinking: adaptive }, anthropic, 5_000).thinking, adaptive);
});

test("a request that wants less than a useful answer gets it; a server that takes no limit gets all or nothing", () => {
  equal(readLimit({ max_tokens: 50 }, anthropic).least, 50);
  const deaf = served("openai-responses", { compat: { supportsMaxOutputTokens: false } });
  deepEqual(readLimit({}, deaf), { tokens: 32_000, least: 32_000, answers: 1, stated: true });
  equal(readLimit({ n: 3 }, chat).answers, 3);
});
