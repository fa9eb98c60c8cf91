import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { grantUrl, json, key, openBench, writeModels } from "./provider.testing.ts";

test("describes a model as pi does, without its address, its headers or a key", async (t) => {
  const { gateway, provider } = await openBench(t);
  const target = await gateway.resolve("chat/m/1");
  const { provider: name, id, api, description } = target;
  deepEqual({ name, id, api }, { name: "chat", id: "m/1", api: "openai-completions" });
  equal(description.contextWindow, 128_000);
  deepEqual(description.cost, { input: 1, output: 10, cacheRead: 0.1, cacheWrite: 2 });
  const text = JSON.stringify(target);
  for (const secret of [key, "acme", provider.url]) ok(!text.includes(secret));
});

test("an agent's URL holds the provider's host, and ends as the SDK of its API wants it", async (t) => {
  const bench = await openBench(t);
  ok(/^http:\/\/127\.0\.0\.1:\d+\/[\w-]{32}\/127\.0\.0\.1\/v1$/.test(await grantUrl(bench, "chat/m/1")));
  ok((await grantUrl(bench, "anth/m/1")).endsWith("/127.0.0.1"));
  ok((await grantUrl(bench, "demo")).endsWith("/127.0.0.1/v1"));
});

test("an unknown model is refused with the nearest name", async (t) => {
  const { gateway } = await openBench(t);
  await rejects(gateway.resolve("chat/m/2"), {
    code: "MODEL_UNKNOWN",
    message: 'unknown model "chat/m/2". Did you mean "chat/m/1"?',
  });
  await rejects(gateway.resolve("m/1"), { code: "MODEL_UNKNOWN", message: /Did you mean "\w+\/m\/1"/ });
  await rejects(gateway.resolve("gpt-4.1"), { code: "MODEL_UNKNOWN", message: /Did you mean "[\w-]+\/gpt-4\.1"/ });
  await rejects(gateway.resolve("demo/scriptd"), { code: "MODEL_UNKNOWN", message: /Did you mean "demo\/scripted"/ });
  await rejects(gateway.resolve("demoo"), { code: "MODEL_UNKNOWN", message: /Did you mean "demo"/ });
});

test("a missing key is refused by the name of its variable, for built-in providers too", async (t) => {
  const { gateway } = await openBench(t);
  await rejects(gateway.resolve("keyless/m/1"), { code: "MODEL_KEY_MISSING", message: /set ABSENT_KEY/ });
  await rejects(gateway.resolve("openai/gpt-4.1"), {
    code: "MODEL_KEY_MISSING",
    message: "no key for openai: set OPENAI_API_KEY",
  });
  await rejects(gateway.resolve("anthropic/claude-sonnet-4-5"), {
    code: "MODEL_KEY_MISSING",
    message: /set ANTHROPIC_API_KEY/,
  });
});

test("a model of an API that cannot be metered is refused", async (t) => {
  const { gateway } = await openBench(t);
  await rejects(gateway.resolve("other/m/1"), { code: "MODEL_API_UNSUPPORTED" });
});

test("a models.json that changed is read anew; grants that were given go on", async (t) => {
  const bench = await openBench(t);
  const url = await grantUrl(bench, "chat/m/1");
  bench.provider.answer = (response) => json(response, 200, {});
  await rejects(bench.gateway.resolve("fresh/x"), { code: "MODEL_UNKNOWN" });
  const provider = {
    baseUrl: `${bench.provider.url}/v1`,
    api: "openai-completions",
    apiKey: "literal-key-123",
    models: [{ id: "x" }],
  };
  writeModels(bench.piDir, { fresh: provider });
  equal((await bench.gateway.resolve("fresh/x")).id, "x");
  await rejects(bench.gateway.resolve("chat/m/1"), { code: "MODEL_UNKNOWN" });
  equal((await fetch(`${url}/chat/completions`, { method: "POST", body: '{"model":"m/1"}' })).status, 200);
  ok(existsSync(bench.piDir));
});

test("the demo model needs neither key nor pi, and says what it is", async (t) => {
  const { gateway } = await openBench(t);
  const { description, provider, id } = await gateway.resolve("demo");
  deepEqual([provider, id, description.name], ["demo", "scripted", "godel demo (scripted, no AI)"]);
  deepEqual((await gateway.resolve("demo/scripted")).description, description);
});
