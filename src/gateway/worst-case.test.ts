import { equal, ok } from "node:assert/strict";
import { test } from "node:test";
import type { Fields } from "../lib/json.ts";
import fc from "../lib/properties.testing.ts";
import type { ModelApi } from "./apis.ts";
import type { Claim } from "./claim.ts";
import { noCounts, priced, readPrices } from "./prices.ts";
import type { ServedModel } from "./served-model.ts";
import { claimFor } from "./worst-case.ts";

const cost = {
  input: 3,
  output: 15,
  cacheRead: 0.3,
  cacheWrite: 3.75,
  tiers: [{ inputTokensAbove: 10_000, input: 6, output: 22.5, cacheRead: 0.6, cacheWrite: 7.5 }],
};

function served(api: ModelApi, host = "models.example"): ServedModel {
  return {
    target: { provider: "p", id: "m", api, description: { maxTokens: 32_000 } },
    api,
    prices: readPrices(cost),
    host,
    usageInStream: true,
    upstream: async () => ({ baseUrl: "", headers: {}, secrets: [] }),
    forgetKey: () => {},
  };
}

function claimOf(model: ServedModel, fields: Fields): Claim {
  const claim = claimFor({ fields, bytes: Buffer.from(JSON.stringify(fields)) }, model);
  ok(typeof claim === "object", String(claim));
  return claim;
}

const near = (value: number, expected: number) =>
  ok(Math.abs(value / expected - 1) < 1e-8, `${value}, not ${expected}`);

/** USD per token of input. */
function inputPrice(model: ServedModel, fields: Fields): number {
  return claimOf(model, fields).inputUsd / (JSON.stringify(fields).length + 1_024);
}

test("input is taken at its dearest: written to the cache, for an hour where that is asked for, in the tier it may reach", () => {
  const anthropic = served("anthropic-messages");
  near(inputPrice(anthropic, {}), 3.75e-6);
  const system = [{ type: "text", text: "x", cache_control: { type: "ephemeral", ttl: "1h" } }];
  near(inputPrice(anthropic, { system }), 6e-6);
  const long = { messages: [{ role: "user", content: "x".repeat(9_000) }] };
  near(inputPrice(anthropic, long), 7.5e-6);
  near(claimOf(anthropic, long).usdPerToken, 22.5e-6);
});

test("each of several answers may take the whole maximum", () => {
  near(claimOf(served("openai-completions"), { n: 3 }).usdPerToken, 45e-6);
  near(claimOf(served("anthropic-messages"), { n: 3 }).usdPerToken, 15e-6);
});

test("OpenAI's priority tier is reckoned with unless the request names another; elsewhere only where it is asked for", () => {
  const openai = served("openai-responses", "api.openai.com");
  const other = served("openai-responses");
  for (const [model, service_tier, factor] of [
    [openai, undefined, 2],
    [openai, "auto", 2],
    [openai, "priority", 2],
    [openai, "default", 1],
    [openai, "flex", 0.5],
    [other, undefined, 1],
    [other, "priority", 2],
  ] as const) {
    near(claimOf(model, { service_tier }).usdPerToken, 15e-6 * factor);
  }
});

test("no bill within the bounds is above the worst case, however its tokens fall to cache and tier", () => {
  const model = served("anthropic-messages");
  const part = fc.double({ min: 0, max: 1, noNaN: true });
  const size = fc.nat({ max: 30_000 });
  fc.assert(
    fc.property(size, part, part, part, (bytes, used, read, written) => {
      const fields = { max_tokens: 9_000, messages: [{ role: "user", content: "x".repeat(bytes) }] };
      const claim = claimOf(model, fields);
      const input = Math.floor((JSON.stringify(fields).length + 1_024) * used);
      const cacheRead = Math.floor(input * read);
      const cacheWrite = Math.floor((input - cacheRead) * written);
      const counts = { ...noCounts, input: input - cacheRead - cacheWrite, cacheRead, cacheWrite, output: 9_000 };
      const { costUsd } = priced(counts, model.prices, "m");
      ok(costUsd <= claim.inputUsd + claim.usdPerToken * claim.wanted);
      equal(claim.wanted, 9_000);
    }),
  );
});
