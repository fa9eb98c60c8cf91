/** Every operation of the table against the shipped server: what it answers and refuses is what the table says. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { request } from "node:http";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { Compile } from "typebox/compile";
import { catalog, type ErrorCode } from "../lib/errors.ts";
import { isFields } from "../lib/json.ts";
import fc from "../lib/properties.testing.ts";
import { openApiServer, putToWork, type Reply } from "./api.testing.ts";
import { errorsOf, openApi } from "./openapi.ts";
import { problem } from "./operations/engine-shapes.ts";
import type { Operation } from "./operations/operation.ts";
import { type OperationName, paths, placeOf } from "./operations/paths.ts";
import { object } from "./operations/schema.ts";
import { operationOf } from "./operations/table.ts";
import { inputsOf } from "./schema-inputs.testing.ts";

const names = Object.keys(paths) as OperationName[];
const isProblem = Compile(problem);

/** An answer that fits the table: done, with the shape of the answer, or refused with a code that the operation has. */
function checkReply(name: OperationName, reply: Reply): void {
  const { status = 200, answer } = operationOf(name);
  if (reply.status === status) {
    const faults = Compile(answer).Errors(reply.body);
    deepEqual([...faults], [], `${name}: ${reply.text.slice(0, 400)}`);
    return;
  }
  match(String(reply.headers["content-type"]), /^application\/problem\+json/, `${name}: ${reply.text}`);
  ok(isProblem.Check(reply.body), reply.text);
  const { code } = reply.body as { code: ErrorCode };
  ok(errorsOf(name).includes(code), `${name} refuses with ${code}, which its description does not name`);
  equal(catalog[code].status, reply.status);
  ok(code !== "INTERNAL", reply.text);
}

const plan = { goal: "", gates: [], tasks: [{ id: "a", prompt: "do a" }] };
const node = {
  log: () => ({ lines: ["one"], total: 1 }),
  patch: () => ({ commit: "c0", lines: ["+one"], total: 1 }),
  providers: () => [],
  transcript: () => ({ file: "f", from: 0, next: 9, steps: [], saying: [], heard: 0 }),
  collect: () => ({ removed: [], kept: [] }),
  steer: () => ({ accepted: true }),
  inspect: () => ({ repo: "/repo", base: "b0", model: "demo", branchExists: false, tiers: [] }) as never,
  map: () => ({ files: [], folders: [], truncated: false }) as never,
  redOnBase: () => [],
};

/** A request to each operation that is done, in an order in which it can be. */
const requests: [OperationName, path: string, body?: unknown][] = [
  ["listTeams", "/api/v1/teams"],
  ["listTeams", "/api/v1/teams?state=running,paused&limit=1"],
  ["spawnTeam", "/api/v1/teams", { repo: "/repo", count: 1, plan, name: "more", model: "demo" }],
  ["killTeam", "/api/v1/teams/more/kill", {}],
  ["getTeam", "/api/v1/teams/one"],
  ["scaleTeam", "/api/v1/teams/one/scale", { min: 1, max: 4 }],
  ["pauseTeam", "/api/v1/teams/one/pause", {}],
  ["resumeTeam", "/api/v1/teams/one/resume", {}],
  ["getTimeline", "/api/v1/teams/one/timeline?state=accepted&limit=1"],
  ["listTasks", "/api/v1/tasks?team=one"],
  ["getTask", "/api/v1/tasks/t1%2Fa"],
  ["whyTask", "/api/v1/tasks/t1%2Fd/why"],
  ["listAgents", "/api/v1/agents?team=one&state=busy,idle"],
  ["getAgent", "/api/v1/agents/t1-a1"],
  ["getAgentLogs", "/api/v1/agents/t1-a1/logs?lines=5"],
  ["steerAgent", "/api/v1/agents/t1-a1/steer", { text: "go on" }],
  ["pauseAgent", "/api/v1/agents/t1-a1/pause", {}],
  ["resumeAgent", "/api/v1/agents/t1-a1/resume", {}],
  ["getAttemptLog", "/api/v1/attempts/t1%2Fa%2F1/log?what=gates"],
  ["getAttemptDiff", "/api/v1/attempts/t1%2Fa%2F1/diff"],
  ["getAttemptTranscript", "/api/v1/attempts/t1%2Fa%2F1/transcript?file=f&from=9"],
  ["getAttention", "/api/v1/attention"],
  ["forTasks", "/api/v1/tasks/bulk", { action: "cancel", ids: ["t1/c", "t1/none"] }],
  ["forAgents", "/api/v1/agents/bulk", { action: "pause", ids: ["t1-a1"] }],
  ["forAgents", "/api/v1/agents/bulk", { action: "resume", ids: ["t1-a1"] }],
  ["raiseBudget", "/api/v1/teams/one/budget", { budgetUsd: null }],
  ["answerTeam", "/api/v1/teams/one/answer", { answer: "wait" }],
  ["reassignTask", "/api/v1/tasks/t1%2Fa/reassign", {}],
  ["cancelTask", "/api/v1/tasks/t1%2Fd/cancel", {}],
  ["retryTask", "/api/v1/tasks/t1%2Fd/retry", {}],
  ["killAgent", "/api/v1/agents/t1-a2/kill", {}],
  ["makePlan", "/api/v1/plans", { repo: "/repo", plan }],
  ["getCosts", "/api/v1/costs?by=model"],
  ["listProviders", "/api/v1/providers"],
  ["getHealth", "/api/v1/health"],
  ["createToken", "/api/v1/tokens", { role: "viewer", name: "n", expiresDays: 1 }],
  ["listTokens", "/api/v1/tokens"],
  ["listAudit", "/api/v1/audit?lines=5"],
  ["makeTicket", "/api/v1/tickets", {}],
  ["collectGarbage", "/api/v1/garbage", { dryRun: true }],
  ["backUp", "/api/v1/backup", { path: "/b" }],
  ["shutDown", "/api/v1/shutdown", {}],
];

test("every operation answers with what its description says", async (context) => {
  const { engine, ask } = await openApiServer(context, {}, node);
  await putToWork(engine);
  const requestsLeft = [...requests];
  for (const [name, path, body] of requestsLeft) {
    const reply = await ask(placeOf(name).method, path, { body });
    if (name === "createToken") requestsLeft.push(["revokeToken", `/api/v1/tokens/${reply.body.id}/revoke`, {}]);
    equal(reply.status, operationOf(name).status ?? 200, `${name}: ${reply.text}`);
    checkReply(name, reply);
  }
  const asked = new Set(requestsLeft.map(([name]) => name));
  deepEqual(
    names.filter((name) => !asked.has(name)),
    // A stream, whose frames have tests of their own.
    ["followEvents"],
  );
});

const words = ["-", "one", "t1", "a", "t1/a", "t1/a/1", "t1-a1", "a1", "demo", "/repo", "files", "\u0000", "é"];

/** What an address may hold, whether it names something or not. */
const segment = fc.oneof(fc.constantFrom(...words, "..", "%", "\r\nx: y"), fc.string({ maxLength: 400 }));
/** What nobody who has read a description sends. */
const wild = fc.oneof(fc.jsonValue(), fc.constantFrom("{", "", "\u0000", '{"__proto__":{"x":1}}'));
const wildQuery = fc.dictionary(fc.constantFrom("limit", "team", "odd", "__proto__"), fc.string({ maxLength: 30 }));

/** Requests to an operation: by its schema, nearly so, and not at all. */
function inputs(name: OperationName) {
  const { query = object({}), body = object({}) } = operationOf(name) as Operation;
  return fc.record({
    segment,
    query: fc.oneof({ weight: 4, arbitrary: inputsOf(query, 4, words) }, { weight: 1, arbitrary: wildQuery }),
    body: fc.oneof({ weight: 4, arbitrary: inputsOf(body, 4, words) }, { weight: 1, arbitrary: wild }),
  });
}

function addressOf(name: OperationName, segment: string, query: unknown): string {
  const given = Object.entries(isFields(query) ? query : { odd: query }).map(([key, value]): [string, string] => [
    key,
    String(value),
  ]);
  const search = new URLSearchParams(given).toString();
  return placeOf(name).path.replace(/:\w+/, () => encodeURIComponent(segment)) + (search && `?${search}`);
}

test("whatever an operation is sent, by its schema or not, it answers or refuses as its description says", async (context) => {
  const { engine, ask } = await openApiServer(context, { rate: { requestsPerSecond: 1e6, requestBurst: 1e6 } }, node);
  await putToWork(engine);
  let done = 0;
  for (const name of names.filter((each) => each !== "followEvents")) {
    const { method } = placeOf(name);
    await fc.assert(
      fc.asyncProperty(inputs(name), async ({ segment, query, body }) => {
        const reply = await ask(method, addressOf(name, segment, query), method === "POST" ? { body } : {});
        // An empty segment or a dot is another address.
        if (reply.body?.code === "NOT_FOUND" && /^\.{0,2}$/.test(segment)) return;
        checkReply(name, reply);
        if (reply.status < 300) done++;
      }),
      { numRuns: 15 },
    );
  }
  // Not all is refused at the door.
  ok(done > 100, `${done} were done`);
  equal((await ask("GET", "/api/v1/teams/one")).status, 200);
});

test("whatever a stream is asked for, it begins or is refused as its description says", async (context) => {
  const { engine, url } = await openApiServer(context);
  await putToWork(engine);
  await fc.assert(
    fc.asyncProperty(inputs("followEvents"), async ({ query }) => {
      const [status, type, body] = await new Promise<[number, string, string]>((resolve, reject) => {
        const sent = request(url + addressOf("followEvents", "", query), {
          agent: false,
          headers: { authorization: "Bearer t" },
        });
        sent.on("error", reject).on("response", async (answer) => {
          const { statusCode = 0, headers } = answer;
          const refused = statusCode === 200 ? "" : await text(answer);
          resolve([statusCode, String(headers["content-type"]), refused]);
          answer.destroy();
        });
        sent.end();
      });
      if (status === 200) return equal(type, "text/event-stream");
      checkReply("followEvents", { status, headers: { "content-type": type }, text: body, body: JSON.parse(body) });
    }),
    { numRuns: 40 },
  );
});

test("the OpenAPI document has each operation once, with its parameters, its answers and each code it refuses with", () => {
  const document = openApi();
  equal(document.openapi, "3.1.0");
  const all = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.values(methods).map((operation) => ({ path, ...operation })),
  );
  deepEqual(all.map(({ operationId }) => operationId).sort(), [...names].sort());
  for (const { path, operationId, parameters, responses } of all) {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    deepEqual(
      parameters.filter((each) => each.in === "path").map(({ name }) => name),
      inPath,
    );
    const told = JSON.stringify(responses);
    for (const code of errorsOf(operationId as OperationName))
      ok(told.includes(`"${code}"`), `${operationId}: ${code}`);
  }
});

test("the page of the API names every operation, and runs no script", async (context) => {
  const { ask } = await openApiServer(context);
  const { text, headers } = await ask("GET", "/docs", { headers: { authorization: "" } });
  for (const name of names) ok(text.includes(`id="${name}"`), name);
  equal(/<script|https?:/.test(text), false);
  match(String(headers["content-security-policy"]), /default-src 'none'/);
});
