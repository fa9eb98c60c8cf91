/** What a collector is sent of a real run. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { demoPlan } from "../../scripts/demo-plan.ts";
import { makeRepository } from "../../scripts/demo-repository.ts";
import { Stage } from "../stage.testing.ts";

interface Sent {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  links?: { traceId: string; spanId: string }[];
}

async function collector(context: TestContext): Promise<{ url: string; spans: Sent[] }> {
  const spans: Sent[] = [];
  const server = createServer(async (request, response) => {
    const body = (await json(request)) as { resourceSpans: { scopeSpans: { spans: Sent[] }[] }[] };
    spans.push(...body.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)));
    response.end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => server.close().closeAllConnections());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spans };
}

test("a goal with its plan, and each task with its attempt, requests to the model, calls of tools, gates and merge reach a collector as traces", async (context) => {
  const stage = new Stage(context);
  const dir = mkdtempSync(join(tmpdir(), "godel demo "));
  context.after(() => rmSync(dir, { recursive: true, force: true }));
  const repo = join(dir, "repo");
  const plan = demoPlan(repo, makeRepository(repo), 2);
  const { url, spans } = await collector(context);
  await stage.up({ OTEL_EXPORTER_OTLP_ENDPOINT: url });
  const { team } = await stage.spawn({ repo, plan, count: 2, model: "demo" });
  equal((await stage.ended(team.id)).team.state, "done");
  // Its end sends what is left.
  await stage.down();
  const named = (start: string) => spans.filter(({ name }) => name.startsWith(start));
  const under = (parent: Sent | undefined) => spans.filter(({ parentSpanId }) => parentSpanId === parent?.spanId);
  const [goal] = named("goal ");
  deepEqual(
    under(goal).map(({ name }) => name),
    ["plan"],
  );
  const tasks = named("task ");
  equal(tasks.length, 2);
  for (const task of tasks) {
    deepEqual(task.links, [{ traceId: goal?.traceId, spanId: goal?.spanId }]);
    const [attempt, ...others] = under(task);
    deepEqual([attempt?.name, others.length], ["attempt 1", 0]);
    const parts = under(attempt);
    const kinds = new Set(parts.map(({ name }) => name.split(" ", 1)[0]));
    deepEqual([...kinds].sort(), ["chat", "execute_tool", "gate", "merge"]);
    for (const part of parts) {
      equal(part.traceId, task.traceId);
      // The engine reads its clock, the node its own: of one machine, and a moment apart at most.
      const [from, to] = [attempt?.startTimeUnixNano ?? "", attempt?.endTimeUnixNano ?? ""].map(BigInt);
      const slack = 50_000_000n;
      ok(BigInt(part.startTimeUnixNano) >= (from ?? 0n) - slack && BigInt(part.endTimeUnixNano) <= (to ?? 0n) + slack);
      ok(BigInt(part.startTimeUnixNano) <= BigInt(part.endTimeUnixNano), part.name);
    }
  }
});
