/** The tools of `/mcp`: operations of the table under the names that an agent looks for, and one that waits. */
import type { TSchema } from "typebox";
import { GodelError } from "../lib/errors.ts";
import { type OperationName, placeOf } from "./operations/paths.ts";
import { operationOf } from "./operations/table.ts";
import { mayAct, type Role } from "./roles.ts";
import { paramsOf } from "./serve.ts";

const tools = {
  plan: "makePlan",
  spawn: "spawnTeam",
  teams: "listTeams",
  status: "getTeam",
  scale: "scaleTeam",
  pause: "pauseTeam",
  resume: "resumeTeam",
  kill: "killTeam",
  tasks: "listTasks",
  task: "getTask",
  why: "whyTask",
  retry: "retryTask",
  cancel: "cancelTask",
  reassign: "reassignTask",
  agents: "listAgents",
  steer: "steerAgent",
  kill_agent: "killAgent",
  log: "getAttemptLog",
  diff: "getAttemptDiff",
  costs: "getCosts",
} as const satisfies Record<string, OperationName>;

export interface Tool {
  name: string;
  description: string;
  inputSchema: { type: "object"; properties: Record<string, object>; required: string[]; additionalProperties: false };
  annotations: { readOnlyHint: boolean; destructiveHint: boolean };
}

/** A request to the API that a tool stands for. */
export interface ToolRequest {
  method: "GET" | "POST";
  url: string;
  body: object | undefined;
  key: string | undefined;
}

export const watchTool: Tool = {
  name: "watch",
  description:
    "Wait for a team: answers with its status and the events after `from` as soon as there is one, or when the time is up. " +
    "Give the `seq` of the answer as `from` of the next call, until `ended`.",
  inputSchema: {
    type: "object",
    properties: {
      team: { type: "string", description: "Name or id of the team." },
      from: { type: "string", pattern: "^\\d{1,19}$", description: "`seq` of the last answer. Default: from now on." },
      seconds: { type: "integer", minimum: 1, maximum: 60, description: "How long to wait. Default 30." },
    },
    required: ["team"],
    additionalProperties: false,
  },
  annotations: { readOnlyHint: true, destructiveHint: false },
};

/** What one of `role` may call. */
export function toolsFor(role: Role): Tool[] {
  const own = Object.entries(tools).filter(([, operation]) => mayAct(role, operationOf(operation).role));
  return [...own.map(([name, operation]) => toolOf(name, operation)), watchTool];
}

function toolOf(name: string, operation: OperationName): Tool {
  const { params, query, body } = partsOf(operation);
  const { method } = placeOf(operation);
  const key = { type: "string", description: "The same for a call that is made again: it is then done once." };
  return {
    name,
    description: operationOf(operation).summary,
    inputSchema: {
      type: "object",
      properties: {
        ...params.properties,
        ...query.properties,
        ...body.properties,
        ...(method === "POST" && { idempotencyKey: key }),
      },
      required: [...params.required, ...body.required],
      additionalProperties: false,
    },
    annotations: { readOnlyHint: method === "GET" || name === "plan", destructiveHint: /^(?:kill|cancel)/.test(name) },
  };
}

/** The request that a call of a tool means. Arguments that it does not have are refused. @throws GodelError */
export function requestOf(name: string, given: Record<string, unknown>): ToolRequest {
  if (!Object.hasOwn(tools, name)) throw new GodelError("NOT_FOUND", `there is no tool "${name}".`);
  const operation = tools[name as keyof typeof tools];
  const { params, query, body } = partsOf(operation);
  const { method, path } = placeOf(operation);
  const { idempotencyKey, ...rest } = given;
  const pick = (names: object) => Object.entries(rest).filter(([field]) => field in names);
  const known = { ...params.properties, ...query.properties, ...body.properties };
  const odd = Object.keys(rest).find((field) => !Object.hasOwn(known, field));
  if (odd !== undefined) throw new GodelError("REQUEST_INVALID", `the tool ${name} takes no "${odd}".`);
  const url = path.replace(/:(\w+)/g, (_, field) => encodeURIComponent(String(rest[field] ?? "")));
  const search = new URLSearchParams(
    pick(query.properties).map(([field, value]): [string, string] => [field, String(value)]),
  ).toString();
  return {
    method,
    url: search === "" ? url : `${url}?${search}`,
    body: method === "POST" ? Object.fromEntries(pick(body.properties)) : undefined,
    key: idempotencyKey === undefined ? undefined : String(idempotencyKey),
  };
}

function partsOf(name: OperationName) {
  const { query, body } = operationOf(name);
  return { params: paramsOf(placeOf(name).path), query: fieldsOf(query), body: fieldsOf(body) };
}

function fieldsOf(schema: TSchema | undefined) {
  const { properties = {}, required = [] } = (schema ?? {}) as {
    properties?: Record<string, object>;
    required?: string[];
  };
  return { properties, required };
}
