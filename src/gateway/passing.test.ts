import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { noUsage } from "../model/usage.ts";
import { ask, grantUrl, json, key, openBench, stream } from "./provider.testing.ts";

const path = "/chat/completions";

test("the provider gets the real key and its configured headers, never the agent's", async (t) => {
  const bench = await openBench(t);
  await ask((await grantUrl(bench, "chat/m/1")) + path, {});
  await ask(`${await grantUrl(bench, "anth/m/1")}/v1/messages?beta=true`, {});
  const [chat, anthropic] = bench.provider.seen;
  equal(chat?.headers.authorization, `Bearer ${key}`);
  equal(chat?.headers["x-api-key"], undefined);
  equal(chat?.headers["x-org"], "acme");
  equal(chat?.headers["accept-encoding"], "identity");
  equal(anthropic?.headers["x-api-key"], key);
  equal(anthropic?.headers.authorization, undefined);
  equal(anthropic?.url, "/v1/messages?beta=true");
});

test("a refusal passes with its status, body and retry-after, and costs nothing", async (t) => {
  const bench = await openBench(t);
  const url = (await grantUrl(bench, "chat/m/1")) + path;
  for (const status of [404, 500, 400]) {
    const body = { error: { message: `no: ${status}` } };
    bench.provider.answer = (response) =>
      json(response, status, body, { "retry-after": "7", "x-ratelimit-remaining": "0" });
    const answer = await ask(url, {});
    equal(answer.status, status);
    equal(answer.headers.get("retry-after"), "7");
    equal(answer.headers.get("x-ratelimit-remaining"), "0");
    deepEqual(await answer.json(), body);
  }
  deepEqual(bench.gateway.usageOf("a"), noUsage);
});

test("a key that the provider repeats in an error does not reach the agent", async (t) => {
  const bench = await openBench(t);
  bench.provider.answer = (response, seen) =>
    json(response, 401, { error: { message: `bad ${seen.headers.authorization}` } });
  const answer = await ask((await grantUrl(bench, "chat/m/1")) + path, {});
  equal(answer.status, 401);
  deepEqual(await answer.json(), { error: { message: "bad [redacted]" } });
});

test("a provider that cannot be reached gives 502 in a form that both vendors' clients read", async (t) => {
  const bench = await openBench(t);
  const url = (await grantUrl(bench, "chat/m/1")) + path;
  bench.provider.answer = (response) => response.destroy();
  const answer = await ask(url, {});
  equal(answer.status, 502);
  const body = (await answer.json()) as { type: string; error: { type: string; message: string } };
  equal(body.type, "error");
  equal(body.error.type, "api_error");
  match(body.error.message, /127\.0\.0\.1 cannot be reached/);
  ok(!JSON.stringify(body).includes(key));
});

test("an unknown token is refused, and a known one once it is revoked", async (t) => {
  const bench = await openBench(t);
  bench.provider.answer = (response) => json(response, 200, {});
  const url = await grantUrl(bench, "chat/m/1");
  equal((await ask(url.replace(/\/[\w-]{32}\//, "/not-a-token/") + path, {})).status, 401);
  equal((await ask(url + path, {})).status, 200);
  bench.gateway.revoke("a");
  equal((await ask(url + path, {})).status, 401);
  equal(bench.provider.seen.length, 1);
});

test("revoking cuts the request under way, here and at the provider", async (t) => {
  const bench = await openBench(t);
  const ended = Promise.withResolvers<void>();
  bench.provider.answer = (response) => {
    response.once("close", () => ended.resolve());
    stream(response, [{ choices: [{ delta: { content: "hi" } }] }]);
  };
  const answer = await ask((await grantUrl(bench, "chat/m/1")) + path, { stream: true });
  const text = answer.text();
  bench.gateway.revoke("a");
  await rejects(text);
  await ended.promise;
  ok(bench.gateway.usageOf("a").costUsd > 0);
});

test("another model, another API, a hidden second model and a background answer are refused before they cost", async (t) => {
  const bench = await openBench(t);
  bench.provider.answer = (response) => json(response, 200, {});
  const url = await grantUrl(bench, "chat/m/1");
  equal((await ask(url + path, { model: "m/2" })).status, 403);
  equal((await ask(`${url}/responses`, {})).status, 404);
  equal((await ask(`${url}/files`, {})).status, 404);
  equal((await fetch(url + path)).status, 404);
  equal((await ask(`${await grantUrl(bench, "resp/m/1", "b")}/responses`, { background: true })).status, 403);
  equal((await fetch(url + path, { method: "POST", body: "[]" })).status, 400);
  equal(bench.provider.seen.length, 0);
  const twice = '{"model":"dear","\\u006dodel":"m/1"}';
  equal((await fetch(url + path, { method: "POST", body: twice })).status, 200);
  deepEqual(bench.provider.seen[0]?.body, { model: "m/1" });
});

test("a team that has spent its budget is refused with 402, and not before", async (t) => {
  const bench = await openBench(t, { budgetUsd: 0.1 });
  const url = (await grantUrl(bench, "chat/m/1")) + path;
  bench.provider.answer = (response, { body }) =>
    json(response, 200, { usage: { prompt_tokens: 0, completion_tokens: body.max_tokens } });
  equal((await ask(url, {})).status, 200);
  const refused = await ask(url, {});
  equal(refused.status, 402);
  match(await refused.text(), /"type":"billing_error".*out of budget: of the team's budget of 0\.1 USD, .* are left/);
  equal(bench.provider.seen.length, 1);
  bench.gateway.openTeam({ id: "t", limit: { usd: 1, tokens: null }, spent: { usd: 0, tokens: 0 } });
  equal((await ask(url, {})).status, 200);
});

test("what the engine knows to be spent counts after a restart of the gateway", async (t) => {
  const bench = await openBench(t);
  bench.gateway.openTeam({ id: "t", limit: { usd: 5, tokens: null }, spent: { usd: 5, tokens: 0 } });
  equal((await ask((await grantUrl(bench, "chat/m/1")) + path, {})).status, 402);
});

test("a request larger than the limit gets 413, one at the limit passes", async (t) => {
  const bench = await openBench(t, { limits: { maxBodyBytes: 1_024 } });
  bench.provider.answer = (response) => json(response, 200, {});
  const url = (await grantUrl(bench, "chat/m/1")) + path;
  const frame = JSON.stringify({ model: "m/1", x: "" }).length;
  equal((await ask(url, { x: "x".repeat(1_024 - frame) })).status, 200);
  equal((await ask(url, { x: "x".repeat(1_025 - frame) })).status, 413);
  // One that does not say how large it is.
  const parts = ReadableStream.from(Array.from({ length: 64 }, () => Buffer.alloc(1_024, " ")));
  const sent = await fetch(url, { method: "POST", body: parts, duplex: "half" } as RequestInit);
  equal(sent.status, 413);
  match(await sent.text(), /1024 bytes/);
});

test("a slow agent slows the provider down instead of filling memory", async (t) => {
  const bench = await openBench(t);
  const total = 64 * 2 ** 20;
  let written = 0;
  const stalled = Promise.withResolvers<void>();
  bench.provider.answer = (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    const line = Buffer.from(`data: ${"x".repeat(2 ** 16)}\n\n`);
    const pump = (): void => {
      while (written < total) {
        written += line.length;
        if (!response.write(line)) {
          response.once("drain", pump);
          return void setImmediate(() => setImmediate(stalled.resolve));
        }
      }
      response.end();
    };
    pump();
  };
  const answer = await ask((await grantUrl(bench, "chat/m/1")) + path, { stream: true });
  await stalled.promise;
  ok(written < total / 2, `${written} bytes were written before the agent read any`);
  equal((await answer.arrayBuffer()).byteLength >= total, true);
});

test("closing a team ends its grants; granting for a team that is not open is refused", async (t) => {
  const bench = await openBench(t);
  const url = (await grantUrl(bench, "chat/m/1")) + path;
  bench.gateway.closeTeam("t");
  equal((await ask(url, {})).status, 401);
  await rejects(grantUrl(bench, "chat/m/1"), { code: "TEAM_NOT_FOUND" });
});
