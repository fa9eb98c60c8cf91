import { deepEqual, equal } from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { test } from "node:test";
import { systemClock } from "../lib/clock.ts";
import { OtlpExporter, type Span, spanIdOf, traceIdOf } from "../lib/otlp.ts";
import { openEngine, putToWork } from "./api.testing.ts";
import { Traces } from "./traces.ts";

test("a task is a trace of its attempts, each with its gates and its merge, linked to the goal with its plan", async (context) => {
  const engine = await openEngine(context);
  const spans: Span[] = [];
  new Traces(engine, { add: (span) => spans.push(span) });
  await putToWork(engine);
  await engine.submit({ type: "killTeam", team: "t1" });
  const named = (name: string) => spans.find((span) => span.name === name && span.error === undefined);
  const [goal, plan] = [spans.find(({ name }) => name === "goal one"), named("plan")];
  const [task, attempt, gate, merge] = ["task c", "attempt 1", "gate", "merge"].map(named);
  equal(plan?.parentSpanId, goal?.spanId);
  deepEqual(task?.link, { traceId: goal?.traceId, spanId: goal?.spanId });
  deepEqual(
    [attempt?.parentSpanId, gate?.parentSpanId, merge?.parentSpanId],
    [task?.spanId, attempt?.spanId, attempt?.spanId],
  );
  deepEqual([...new Set([task, attempt, gate, merge].map((span) => span?.traceId))], [traceIdOf("t1/c")]);
  // The node names the attempt as the parent of its requests, by the same rule.
  equal(attempt?.spanId, spanIdOf("t1/c/1"));
  equal(gate?.endAt, merge?.startAt);
  for (const { startAt, endAt, name } of spans) equal(startAt <= endAt, true, name);
  equal(new Set(spans.map(({ spanId }) => spanId)).size, spans.length);
  deepEqual(spans.find(({ name }) => name === "task b")?.error, "cancelled");
});

test("a collector on this machine is sent the spans of the engine, as OTLP has them", async (context) => {
  const engine = await openEngine(context);
  const bodies: { resourceSpans: { scopeSpans: { spans: { name: string; traceId: string }[] }[] }[] }[] = [];
  const collector = createServer(async (request, response) => {
    bodies.push((await json(request)) as (typeof bodies)[0]);
    response.end("{}");
  });
  await new Promise<void>((resolve) => collector.listen(0, "127.0.0.1", resolve));
  context.after(() => collector.close());
  const url = `http://127.0.0.1:${(collector.address() as AddressInfo).port}/v1/traces`;
  const exporter = new OtlpExporter({ url, headers: {}, service: "godel" }, systemClock, () => {});
  new Traces(engine, exporter);
  await putToWork(engine);
  await exporter.flush();
  const spans = bodies.flatMap((body) => body.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans[0]?.spans ?? []));
  deepEqual(
    ["plan", "task c", "attempt 1", "gate", "merge"].filter((name) => !spans.some((span) => span.name === name)),
    [],
  );
});
