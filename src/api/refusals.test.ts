/** Each code that an operation may refuse with is provoked over HTTP, and comes with the status and the hint of the catalog. */
import { deepEqual, equal, match } from "node:assert/strict";
import { test } from "node:test";
import { planOf, teamSpec } from "../engine/fleet.testing.ts";
import { catalog, type ErrorCode, GodelError } from "../lib/errors.ts";
import { openApiServer, putToWork } from "./api.testing.ts";
import { commonErrors, errorsOf, postErrors } from "./openapi.ts";
import { type OperationName, paths, placeOf } from "./operations/paths.ts";

type Provoked = [code: ErrorCode, name: OperationName, path: string, body?: unknown, headers?: Record<string, string>];

const plan = { tasks: [{ id: "a", prompt: "do a" }] };
const spawn = { repo: "/repo", count: 1, plan, model: "demo" };

const provoked: Provoked[] = [
  ["REQUEST_INVALID", "scaleTeam", "/api/v1/teams/one/scale", { count: "3" }],
  ["UNAUTHORIZED", "listTeams", "/api/v1/teams", undefined, { authorization: "Bearer x" }],
  ["HOST_REFUSED", "listTeams", "/api/v1/teams", undefined, { host: "evil.example" }],
  ["ORIGIN_REFUSED", "listTeams", "/api/v1/teams", undefined, { origin: "https://evil.example" }],
  ["REQUEST_TOO_LARGE", "scaleTeam", "/api/v1/teams/one/scale", { text: "x".repeat(70_000) }],
  ["CURSOR_INVALID", "listTeams", "/api/v1/teams?cursor=x"],
  ["OPTION_RANGE", "scaleTeam", "/api/v1/teams/one/scale", { min: 5, max: 2 }],
  ["TEAM_NOT_FOUND", "getTeam", "/api/v1/teams/none"],
  ["TEAM_AMBIGUOUS", "getTeam", "/api/v1/teams/-"],
  ["TASK_NOT_FOUND", "getTask", "/api/v1/tasks/one%2Fnone"],
  ["TASK_AMBIGUOUS", "getTask", "/api/v1/tasks/a"],
  ["AGENT_NOT_FOUND", "getAgent", "/api/v1/agents/none"],
  ["AGENT_AMBIGUOUS", "getAgent", "/api/v1/agents/a1"],
  ["NOT_FOUND", "getAttemptLog", "/api/v1/attempts/t1%2Fc%2F9/log"],
  ["TASK_NOT_RETRYABLE", "retryTask", "/api/v1/tasks/one%2Fc/retry", {}],
  ["TASK_ENDED", "cancelTask", "/api/v1/tasks/one%2Fc/cancel", {}],
  ["TASK_STATE", "reassignTask", "/api/v1/tasks/one%2Fd/reassign", {}],
  ["AGENT_STATE", "steerAgent", "/api/v1/agents/t1-a1/steer", { text: "x" }],
  ["TEAM_STATE", "pauseTeam", "/api/v1/teams/early/pause", {}],
  ["TEAM_ENDED", "scaleTeam", "/api/v1/teams/over/scale", { count: 3 }],
  ["PLAN_INVALID", "spawnTeam", "/api/v1/teams", { ...spawn, plan: { tasks: [] } }],
  [
    "SKILL_MISSING",
    "spawnTeam",
    "/api/v1/teams",
    { ...spawn, plan: { tasks: [{ id: "a", prompt: "a", skills: ["sql"] }] } },
  ],
  ["TEAM_EXISTS", "spawnTeam", "/api/v1/teams", { ...spawn, name: "one" }],
  ["TOKEN_NOT_FOUND", "revokeToken", "/api/v1/tokens/none/revoke", {}],
];

/** What a node refuses passes through: by the text that its model is asked for by. */
const ofNode: [ErrorCode, OperationName][] = [
  ...(["REPO_INVALID", "REPO_EMPTY", "MODEL_UNKNOWN", "MODEL_KEY_MISSING", "MODEL_API_UNSUPPORTED"] as const).map(
    (code): [ErrorCode, OperationName] => [code, "spawnTeam"],
  ),
  ["RUNTIME_UNKNOWN", "spawnTeam"],
  ["BRANCH_EXISTS", "spawnTeam"],
  ["GIT_FAILED", "spawnTeam"],
  ["NODE_UNREACHABLE", "spawnTeam"],
  ["GOAL_INVALID", "makePlan"],
  ["PLAN_REFUSED", "makePlan"],
  ["MODEL_FAILED", "makePlan"],
];

/** Provoked where they belong: roles and tokens, rates, keys, limits of connections and readers; and backups of a real home. */
const elsewhere: ErrorCode[] = [
  "FORBIDDEN",
  "RATE_LIMITED",
  "IDEMPOTENCY_KEY_REUSED",
  "OVERLOADED",
  "BACKUP_EXISTS",
  "BACKUP_UNWRITABLE",
  "DISK_FULL",
  "TASK_MERGING",
  // Our own bug: there is none to provoke.
  "INTERNAL",
];

test("each error is refused with its code, its status and what to do", async (context) => {
  const { engine, ask } = await openApiServer(
    context,
    {},
    {
      inspect({ model }) {
        if (model in catalog) throw new GodelError(model as ErrorCode, "the node says no");
        return { repo: "/repo", base: "b0", model, branchExists: false, tiers: [] } as never;
      },
      steer: () => ({ accepted: false }),
    },
  );
  await putToWork(engine);
  await putToWork(engine, { id: "t2", name: "two" });
  await engine.submit({ type: "createTeam", team: teamSpec({ id: "t3", name: "over" }), plan: planOf({ z: [] }) });
  await engine.submit({ type: "killTeam", team: "t3" });
  await engine.submit({ type: "createTeam", team: teamSpec({ id: "t4", name: "early" }), plan: null });
  const passed = ofNode.map(([code, name]): Provoked => {
    const body = name === "spawnTeam" ? { ...spawn, name: "new", model: code } : { repo: "/r", plan, model: code };
    return [code, name, placeOf(name).path, body];
  });
  for (const [code, name, path, body, headers] of [...provoked, ...passed]) {
    const reply = await ask(placeOf(name).method, path, { body, ...(headers && { headers }) });
    const { status, hint } = catalog[code];
    deepEqual([reply.body.code, reply.status, reply.body.hint], [code, status, hint], `${name} ${path}: ${reply.text}`);
    match(String(reply.headers["content-type"]), /^application\/problem\+json/);
    equal(errorsOf(name).includes(code), true, `${name} does not name ${code}`);
  }
});

test("no code that the API documents is left without a test", () => {
  const documented = new Set([
    ...commonErrors,
    ...postErrors,
    ...(Object.keys(paths) as OperationName[]).flatMap((name) => errorsOf(name)),
  ]);
  const tested = new Set([...provoked, ...ofNode].map(([code]) => code).concat(elsewhere));
  deepEqual(
    [...documented].filter((code) => !tested.has(code)),
    [],
  );
});
