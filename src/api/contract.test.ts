/** Every operation of the table against the shipped server: what it answers and refuses is what the table says. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import { Compile } from "typebox/compile";
import { catalog, type ErrorCode } from "../lib/errors.ts";
import fc from "../lib/properties.testing.ts";
import { openApiServer, putToWork, type Reply } from "./api.testing.ts";
import { errorsOf, openApi } from "./openapi.ts";
import { problem } from "./operations/engine-shapes.ts";
import { type OperationName, paths, placeOf } from "./operations/paths.ts";
import { operationOf } from "./operations/table.ts";

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
  transcript: () => ({ file: "f", from: 0, next: 9, steps: [] }),
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

test("whatever an operation is sent, it answers or refuses as its description says", async (context) => {
  const { engine, ask } = await openApiServer(context, { rate: { requestsPerSecond: 1e6, requestBurst: 1e6 } }, node);
  await putToWork(engine);
  const segment = fc.oneof(
    fc.constantFrom("-", "one", "t1", "t1/a", "t1/a/1", "t1-a1", "a1", "..", "%", "\u0000", "\r\nx: y"),
    fc.string({ maxLength: 400 }),
  );
  const value = fc.oneof(
    fc.constantFrom("1", "0", "99999999999", "running", "busy,idle", "gates", "-1", "NaN", "WzAsImEiXQ"),
    fc.string({ maxLength: 30 }),
  );
  const keys = ["limit", "cursor", "team", "state", "agent", "task", "skill", "lines", "what", "by", "__proto__"];
  const query = fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: 3 });
  const scalar = fc.oneof(fc.integer(), fc.double(), fc.string(), fc.boolean(), fc.constant(null));
  const fields = ["repo", "count", "min", "max", "plan", "task", "goal", "text", "path", "name", "budgetUsd", "odd"];
  const body = fc.oneof(
    fc.dictionary(fc.constantFrom(...fields), fc.oneof(scalar, fc.array(scalar), fc.constant(plan)), { maxKeys: 6 }),
    fc.jsonValue(),
    fc.constantFrom("{", "", "\u0000", '{"__proto__":{"x":1}}'),
  );
  const name = fc.constantFrom(...names.filter((each) => each !== "followEvents"));
  await fc.assert(
    fc.asyncProperty(name, segment, query, body, async (name, segment, query, body) => {
      const { method, path } = placeOf(name);
      const search = new URLSearchParams(query).toString();
      const url = path.replace(/:\w+/, () => encodeURIComponent(segment)) + (search && `?${search}`);
      const reply = await ask(method, url, method === "POST" ? { body } : {});
      // An empty segment or a dot is another address.
      if (reply.body?.code === "NOT_FOUND" && /^\.{0,2}$/.test(segment)) return;
      checkReply(name, reply);
    }),
    { numRuns: 600 },
  );
  equal((await ask("GET", "/api/v1/teams/one")).status, 200);
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
