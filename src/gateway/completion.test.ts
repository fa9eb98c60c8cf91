import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { test } from "node:test";
import type { Fields } from "../lib/json.ts";
import type { ChatMessage } from "../model/chat.ts";
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
  const took = { requests: 1, input: 1_000_000, output: 0, cacheRead: 0, cacheWrite: 0, costUsd: 1 };
  deepEqual(reports, [[{ planningOf: "t" }, took]]);
});

test("a spent budget, a refusing provider and a deaf one have a code of their own", async (t) => {
  const { gateway, provider } = await openBench(t);
  gateway.openTeam({ id: "broke", limit: { usd: 1, tokens: null }, spent: { usd: 1, tokens: 0 } });
  await rejects(gateway.complete({ ...request, team: "broke", model: "chat/m/1" }), { code: "BUDGET_EXHAUSTED" });
  provider.answer = (response) => json(response, 404, { error: { message: "no such model" } });
  await rejects(gateway.complete({ ...request, model: "chat/m/1" }), {
    code: "MODEL_FAILED",
    message: /chat\/m\/1: HTTP 404, no such model/,
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

test("offers a tool in each API's form, and takes the arguments of its call as the answer", async (t) => {
  const { gateway, provider } = await openBench(t);
  const tool = { name: "submit_plan", description: "Hands it in.", parameters: { type: "object" } };
  const ask = async (model: string, body: Fields) => {
    provider.answer = (response) => json(response, 200, body);
    return (await gateway.complete({ ...request, model, tool })).text;
  };
  const call = { function: { name: "submit_plan", arguments: '{"a":1}' } };
  equal(await ask("chat/m/1", { choices: [{ message: { content: "So:", tool_calls: [call] } }] }), '{"a":1}');
  equal(await ask("resp/m/1", { output: [{ type: "function_call", arguments: '{"a":2}' }] }), '{"a":2}');
  equal(
    await ask("anth/m/1", {
      content: [
        { type: "text", text: "So:" },
        { type: "tool_use", input: { a: 3 } },
      ],
    }),
    '{"a":3}',
  );
  equal(await ask("chat/m/1", { choices: [{ message: { content: "in words" } }] }), "in words");

  const [chat, responses, anthropic] = provider.seen.map(({ body }) => [body?.tools, body?.tool_choice]);
  deepEqual(chat, [[{ type: "function", function: tool }], { type: "function", function: { name: "submit_plan" } }]);
  deepEqual(responses?.[1], { type: "function", name: "submit_plan" });
  deepEqual(anthropic?.[1], { type: "tool", name: "submit_plan" });
});
