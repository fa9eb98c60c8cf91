import { deepEqual, equal, match, ok } from "node:assert/strict";
import { type TestContext, test } from "node:test";
import Fastify from "fastify";
import { Engine } from "../engine/engine.ts";
import { planOf, teamSpec } from "../engine/fleet.testing.ts";
import { MemoryStore, openMemoryJournal } from "../journal/index.ts";
import { systemClock } from "../lib/clock.ts";
import { seededRandom } from "../lib/random.ts";
import { Metrics } from "./metrics.ts";
import { addOpenApi } from "./openapi.ts";
import { addRoutes, type RouteParts } from "./routes.ts";
import { spawnSchema } from "./schemas.ts";

async function opened(context: TestContext): Promise<Engine> {
  const engine = await Engine.open({
    journal: openMemoryJournal(new MemoryStore()),
    clock: systemClock,
    random: seededRandom(1),
    options: {},
    onFatal(error) {
      throw error;
    },
  });
  context.after(() => engine.close());
  return engine;
}

test("the metrics count what the engine knows, in Prometheus' format, and name no team, task or agent", async (context) => {
  const engine = await opened(context);
  const metrics = new Metrics(engine, () => 3);
  await engine.submit({
    type: "createTeam",
    team: teamSpec({ id: "t1", name: "secret" }),
    plan: planOf({ a: [], b: ["a"] }),
  });
  await engine.submit({ type: "killTeam", team: "t1" });
  const text = metrics.text();
  const typed = new Set<string>();
  for (const line of text.trimEnd().split("\n")) {
    const head = /^# (?:HELP (\w+) \S.*|TYPE (\w+) (?:gauge|counter|histogram))$/.exec(line);
    if (head) typed.add(head[1] ?? head[2] ?? "");
    else {
      const [, name = ""] =
        /^(godel_[a-z_]+)(?:\{\w+="[^"\\\n]*"(?:,\w+="[^"\\\n]*")*\})? -?[\d.e+-]+$/.exec(line) ?? [];
      ok(typed.has(name.replace(/_(?:bucket|sum|count)$/, "")) || typed.has(name), line);
    }
  }
  match(text, /^godel_teams\{state="killed"\} 1$/m);
  match(text, /^godel_tasks\{state="cancelled"\} 2$/m);
  match(text, /^godel_events_total\{type="teamEnded"\} 1$/m);
  match(text, /^godel_stream_readers 3$/m);
  equal(/secret|t1/.test(text), false);
});

test("the OpenAPI describes every route with the schema that checks it", async (context) => {
  const engine = await opened(context);
  const app = Fastify();
  context.after(() => app.close());
  addOpenApi(app);
  addRoutes(app, { engine, links: {}, planner: {} } as unknown as RouteParts);
  const document = (await app.inject("/openapi.json")).json();
  equal(document.openapi, "3.1.0");
  deepEqual(document.paths["/api/v1/teams"].post.requestBody.content["application/json"].schema, spawnSchema);
  deepEqual(Object.keys(document.paths["/api/v1/agents/{agent}/logs"]), ["get"]);
  const operations = Object.values<Record<string, { operationId: string; parameters?: { name: string }[] }>>(
    document.paths,
  );
  const all = operations.flatMap((methods) => Object.values(methods));
  equal(new Set(all.map(({ operationId }) => operationId)).size, all.length);
  for (const [path, methods] of Object.entries<Record<string, { parameters?: { name: string; in: string }[] }>>(
    document.paths,
  )) {
    const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    for (const { parameters = [] } of Object.values(methods)) {
      deepEqual(
        parameters.filter((each) => each.in === "path").map(({ name }) => name),
        named,
      );
    }
  }
});
