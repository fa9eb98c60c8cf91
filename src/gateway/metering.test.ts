import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import type { Usage } from "../model/usage.ts";
import { ask, grantUrl, json, openBench, stream } from "./provider.testing.ts";

/** The fake models cost 1, 10, 0.1 and 2 USD per million tokens of input, output, cache read and cache write. */
function used(input: number, output: number, cacheRead = 0, cacheWrite = 0): Usage {
  const costUsd = (input + output * 10 + cacheRead * 0.1 + cacheWrite * 2) / 1e6;
  return { requests: 1, input, output, cacheRead, cacheWrite, costUsd };
}

const chatUsage = { prompt_tokens: 100, completion_tokens: 7, prompt_tokens_details: { cached_tokens: 60 } };
const respUsage = { input_tokens: 100, output_tokens: 7, input_tokens_details: { cached_tokens: 60 } };
const anthUsage = { input_tokens: 40, cache_read_input_tokens: 60, cache_creation_input_tokens: 10, output_tokens: 1 };

const forms = [
  {
    model: "chat/m/1",
    path: "/chat/completions",
    upstream: "/v1/chat/completions",
    body: { id: "x", usage: chatUsage },
    events: [
      { choices: [{ delta: { content: 'say "usage": {}' } }], usage: null },
      { choices: [], usage: chatUsage },
      "[DONE]",
    ],
    expected: used(40, 7, 60),
  },
  {
    model: "resp/m/1",
    path: "/responses",
    upstream: "/v1/responses",
    body: { id: "x", usage: respUsage },
    events: [
      { type: "response.created", response: { usage: null } },
      { type: "response.output_text.delta", delta: "hi" },
      { type: "response.completed", response: { usage: respUsage } },
    ],
    expected: used(40, 7, 60),
  },
  {
    model: "anth/m/1",
    path: "/v1/messages",
    upstream: "/v1/messages",
    body: { id: "x", usage: { ...anthUsage, output_tokens: 7 } },
    events: [
      { type: "message_start", message: { usage: anthUsage } },
      { type: "content_block_delta", delta: { text: "hi" } },
      { type: "message_delta", usage: { output_tokens: 7 } },
    ],
    expected: used(40, 7, 60, 10),
  },
];

for (const { model, path, upstream, body, events, expected } of forms) {
  test(`${model}: passes a whole answer on unchanged and counts it`, async (t) => {
    const bench = await openBench(t);
    bench.provider.answer = (response) => json(response, 200, body);
    const answer = await ask((await grantUrl(bench, model)) + path, {});
    deepEqual(await answer.json(), body);
    equal(bench.provider.seen[0]?.url, upstream);
    deepEqual(bench.gateway.usageOf("a"), expected);
  });

  test(`${model}: passes a stream on as it comes, whatever way its bytes are cut, and counts it`, async (t) => {
    const bench = await openBench(t);
    const text = events
      .map((event) => `data: ${typeof event === "string" ? event : JSON.stringify(event)}\n\n`)
      .join("");
    bench.provider.answer = (response) => {
      response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
      // Odd sizes, so that lines and even the word "usage" fall apart.
      for (let at = 0; at < text.length; at += 7) response.write(text.slice(at, at + 7));
      response.end();
    };
    const answer = await ask((await grantUrl(bench, model)) + path, { stream: true });
    equal(await answer.text(), text);
    deepEqual(bench.gateway.usageOf("a"), expected);
    deepEqual(bench.reports, [[{ attempt: "a" }, expected]]);
    equal(bench.gateway.spentOf("t"), expected.costUsd);
  });
}

test("the first bytes of a stream arrive while the provider still holds the rest back", async (t) => {
  const bench = await openBench(t);
  const held = Promise.withResolvers<void>();
  bench.provider.answer = async (response) => {
    stream(response, [{ choices: [{ delta: { content: "first" } }] }]);
    await held.promise;
    response.end();
  };
  const answer = await ask(`${await grantUrl(bench, "chat/m/1")}/chat/completions`, { stream: true });
  const reader = answer.body?.getReader();
  const { value } = (await reader?.read()) ?? {};
  ok(Buffer.from(value ?? []).includes("first"));
  held.resolve();
  await reader?.read();
});

test("asks for usage in a stream of completions where the agent did not, and keeps its other options", async (t) => {
  const bench = await openBench(t);
  bench.provider.answer = (response) => stream(response, []) ?? response.end();
  await ask(`${await grantUrl(bench, "chat/m/1")}/chat/completions`, { stream: true, stream_options: { x: 1 } });
  deepEqual(bench.provider.seen[0]?.body, {
    model: "m/1",
    stream: true,
    stream_options: { x: 1, include_usage: true },
  });
});

test("counts a stream without usage by its bytes: a token an event at least, the request by its size", async (t) => {
  const bench = await openBench(t);
  const words = Array.from({ length: 20 }, (_, i) => ({ choices: [{ delta: { content: `word ${i}` } }] }));
  bench.provider.answer = (response) => stream(response, words) ?? response.end();
  const messages = [{ role: "user", content: "x".repeat(3_000) }];
  await (await ask(`${await grantUrl(bench, "chat/m/1")}/chat/completions`, { stream: true, messages })).text();
  const { input, output, costUsd } = bench.gateway.usageOf("a");
  ok(input >= 1_000 && input < 1_100, `${input} in`);
  ok(output >= 20 && output < 40, `${output} out`);
  ok(costUsd > 0);
});

test("counts a stream that the provider breaks off by what had come, and the agent sees it broken", async (t) => {
  const bench = await openBench(t);
  bench.provider.answer = (response) => {
    stream(response, [
      { type: "message_start", message: { usage: anthUsage } },
      { type: "content_block_delta", delta: { text: "hi" } },
    ]);
    response.write("data: {", () => response.destroy());
  };
  const answer = await ask(`${await grantUrl(bench, "anth/m/1")}/v1/messages`, { stream: true });
  const outcome = await answer.text().catch(() => "broken");
  equal(outcome, "broken");
  const { input, output, cacheRead, cacheWrite } = bench.gateway.usageOf("a");
  deepEqual([input, cacheRead, cacheWrite], [40, 60, 10]);
  ok(output >= 1);
});

test("an agent that goes away ends the request at the provider, and pays for what had come", async (t) => {
  const bench = await openBench(t);
  const ended = Promise.withResolvers<void>();
  const leaving = new AbortController();
  bench.provider.answer = (response) => {
    response.once("close", () => ended.resolve());
    stream(response, [{ choices: [{ delta: { content: "hi" } }] }]);
  };
  const answer = await ask(`${await grantUrl(bench, "chat/m/1")}/chat/completions`, { stream: true }, leaving.signal);
  equal(answer.status, 200);
  leaving.abort();
  await ended.promise;
  ok(bench.gateway.usageOf("a").output >= 1);
});

test("an hour's cache write costs twice the input, priority service twice the whole", async (t) => {
  const bench = await openBench(t);
  const usage = {
    input_tokens: 0,
    output_tokens: 0,
    cache_creation_input_tokens: 1000,
    cache_creation: { ephemeral_1h_input_tokens: 400 },
  };
  bench.provider.answer = (response) => json(response, 200, { usage });
  await ask(`${await grantUrl(bench, "anth/m/1")}/v1/messages`, {});
  equal(bench.gateway.usageOf("a").costUsd, (600 * 2 + 400 * 2) / 1e6);
  bench.provider.answer = (response) => json(response, 200, { usage: respUsage, service_tier: "priority" });
  await ask(`${await grantUrl(bench, "resp/m/1", "b")}/responses`, {});
  equal(bench.gateway.usageOf("b").costUsd, 2 * used(40, 7, 60).costUsd);
});

test("usage adds up over the requests of an attempt, and over the attempts of a team", async (t) => {
  const bench = await openBench(t);
  bench.provider.answer = (response) => json(response, 200, { usage: chatUsage });
  const url = await grantUrl(bench, "chat/m/1");
  await ask(`${url}/chat/completions`, {});
  await ask(`${url}/chat/completions`, {});
  await ask(`${await grantUrl(bench, "chat/m/1", "b")}/chat/completions`, {});
  const { costUsd } = used(40, 7, 60);
  deepEqual(bench.gateway.usageOf("a"), {
    requests: 2,
    input: 80,
    output: 14,
    cacheRead: 120,
    cacheWrite: 0,
    costUsd: 2 * costUsd,
  });
  ok(Math.abs(bench.gateway.spentOf("t") - 3 * costUsd) < 1e-12);
});
