import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { test } from "node:test";
import type { ChatMessage } from "../model/link.ts";
import { json, openBench } from "./provider.testing.ts";

const messages: ChatMessage[] = [
  { role: "system", text: "Be brief." },
  { role: "user", text: "Plan." },
];
const request = { team: "t", messages, maxTokens: 50 };

test("asks each API in its own form and reads its text", async (t) => {
  const { gateway, provider } = await openBench(t);
  provider.answer = (response) =>
    json(response, 200, {
      choices: [{ message: { content: "one" } }],
      usage: { prompt_tokens: 5, completion_tokens: 2 },
    });
  const { text, usage } = await gateway.complete({ ...request, model: "chat/m/1" });
  deepEqual([text, usage.input, usage.output], ["one", 5, 2]);

  provider.answer = (response) =>
    json(response, 200, { output: [{ type: "reasoning" }, { content: [{ type: "output_text", text: "two" }] }] });
  equal((await gateway.complete({ ...request, model: "resp/m/1" })).text, "two");

  provider.answer = (response) =>
    json(response, 200, { content: [{ type: "thinking" }, { type: "text", text: "three" }] });
  equal((await gateway.complete({ ...request, model: "anth/m/1" })).text, "three");

  const [chat, responses, anthropic] = provider.seen.map(({ body }) => body);
  equal(chat?.max_tokens, 50);
  equal(responses?.max_output_tokens, 50);
  deepEqual([anthropic?.system, anthropic?.messages], ["Be brief.", [{ role: "user", content: "Plan." }]]);
});

test("charges the team, and nobody when there is none", async (t) => {
  const { gateway, provider, reports } = await openBench(t);
  provider.answer = (response) => json(response, 200, { usage: { prompt_tokens: 1_000_000, completion_tokens: 0 } });
  await gateway.complete({ ...request, team: null, model: "chat/m/1" });
  equal(gateway.spentOf("t"), 0);
  await gateway.complete({ ...request, model: "chat/m/1" });
  equal(gateway.spentOf("t"), 1);
  deepEqual(reports, []);
});

test("a spent budget, a refusing provider and a deaf one have a code of their own", async (t) => {
  const { gateway, provider } = await openBench(t);
  gateway.openTeam({ id: "broke", budgetUsd: 1, spentUsd: 1 });
  await rejects(gateway.complete({ ...request, team: "broke", model: "chat/m/1" }), { code: "BUDGET_EXHAUSTED" });
  provider.answer = (response) => json(response, 429, { error: { message: "slow down" } });
  await rejects(gateway.complete({ ...request, model: "chat/m/1" }), {
    code: "MODEL_FAILED",
    message: /chat\/m\/1: HTTP 429, slow down/,
  });
  provider.answer = (response) => response.destroy();
  await rejects(gateway.complete({ ...request, model: "chat/m/1" }), { code: "MODEL_FAILED", message: /HTTP 502/ });
});

test("the demo model plans over the same way", async (t) => {
  const { gateway } = await openBench(t);
  const text = "PLAN REQUEST\nPARALLELISM: 1\nFILES:\n_get.js\nget.js\n";
  const answer = await gateway.complete({
    ...request,
    messages: [{ role: "user", text }],
    model: "demo",
    maxTokens: 500,
  });
  match(answer.text, /^\{"goal":.*\}$/);
  equal(gateway.spentOf("t"), answer.usage.costUsd);
});
