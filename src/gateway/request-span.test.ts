import { deepEqual, equal, match } from "node:assert/strict";
import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import { test } from "node:test";
import { ManualClock } from "../lib/manual-clock.testing.ts";
import { encodeSpans, OtlpExporter, otlpTarget } from "../lib/otlp.ts";
import { closeServer, listen } from "./listen.ts";

import { json as answer, ask, grantUrl, openBench } from "./provider.testing.ts";
import type { RequestRecord } from "./request-record.ts";
import { requestSpan } from "./request-span.ts";

const record: RequestRecord = {
  at: 1_700_000_000_000.5,
  team: "t",
  task: "t/k",
  attempt: "t/k/1",
  provider: "acme",
  model: "m-1",
  host: "api.acme.example",
  usage: { requests: 1, input: 100, output: 20, cacheRead: 900, cacheWrite: 0, costUsd: 0.0012 },
  queueMs: 1.5,
  firstMs: 250,
  totalMs: 2_000,
  outcome: "answered",
  status: null,
};

test("a request is a span of its attempt's trace, by the conventions for generative AI", () => {
  const [resource] = encodeSpans(
    [record, { ...record, outcome: "refused" as const, status: 429, firstMs: null }].map(requestSpan),
    "godel",
  ).resourceSpans;
  const [good, bad] = resource?.scopeSpans[0]?.spans ?? [];
  const typed = (span: typeof good, key: string) => span?.attributes.find((one) => one.key === key)?.value;
  equal(good?.name, "chat m-1");
  match(`${good?.traceId} ${good?.spanId}`, /^[0-9a-f]{32} [0-9a-f]{16}$/);
  equal(good?.traceId, bad?.traceId);
  deepEqual([good?.startTimeUnixNano, good?.endTimeUnixNano], ["1700000000000500000", "1700000002000500000"]);
  deepEqual(typed(good, "gen_ai.usage.input_tokens"), { intValue: "1000" });
  deepEqual(typed(good, "gen_ai.usage.cache_read.input_tokens"), { intValue: "900" });
  deepEqual(typed(good, "gen_ai.provider.name"), { stringValue: "acme" });
  deepEqual(typed(good, "godel.cost_usd"), { doubleValue: 0.0012 });
  deepEqual([good?.status, typed(good, "error.type")], [{}, undefined]);
  deepEqual([bad?.status.code, typed(bad, "error.type")], [2, { stringValue: "429" }]);
});

test("spans go where the standard variables say, in batches, and one that is not taken is lost and said once", async (t) => {
  const bodies: unknown[] = [];
  let status = 200;
  const server = createServer(async (request, response) => {
    bodies.push([request.url, request.headers["x-key"], await json(request)]);
    response.writeHead(status).end("{}");
  });
  const port = await listen(server);
  t.after(() => closeServer(server));
  equal(otlpTarget({}), null);
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}/`, OTEL_EXPORTER_OTLP_HEADERS: "x-key=a%20b" };
  const target = otlpTarget(env);
  equal(target?.service, "godel");
  if (!target) return;
  const lines: string[] = [];
  const exporter = new OtlpExporter(target, new ManualClock(), (line) => lines.push(line));
  exporter.add(requestSpan(record));
  exporter.add(requestSpan(record));
  await exporter.flush();
  await exporter.flush();
  equal(bodies.length, 1);
  deepEqual((bodies[0] as unknown[]).slice(0, 2), ["/v1/traces", "a b"]);
  status = 500;
  for (let i = 0; i < 2; i++) {
    exporter.add(requestSpan(record));
    await exporter.flush();
  }
  deepEqual(lines, [`spans are lost: 127.0.0.1:${port}: HTTP 500`]);
});

test("the gateway tells of each request once: what it took, how long it waited, and how it ended", async (t) => {
  const records: RequestRecord[] = [];
  const bench = await openBench(t, { budgetUsd: 1, onRequest: (one) => records.push(one) });
  const url = `${await grantUrl(bench, "chat/m/1")}/chat/completions`;
  bench.provider.answer = (response) => answer(response, 200, { usage: { prompt_tokens: 10, completion_tokens: 2 } });
  await (await ask(url, { max_tokens: 100 })).text();
  bench.provider.answer = (response) => answer(response, 400, { error: { message: "no" } });
  await (await ask(url, { max_tokens: 100 })).text();
  deepEqual(
    records.map(({ attempt, model, outcome, status, usage }) => [attempt, model, outcome, status, usage.output]),
    [
      ["a", "m/1", "answered", null, 2],
      ["a", "m/1", "refused", 400, 0],
    ],
  );
  const [first] = records;
  equal(
    (first?.queueMs ?? -1) >= 0 && (first?.firstMs ?? -1) >= 0 && (first?.totalMs ?? 0) >= (first?.firstMs ?? 0),
    true,
  );
});
