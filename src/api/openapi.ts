/** The API described as OpenAPI 3.1, from the table that its requests are checked by. */
import type { TSchema } from "typebox";
import { catalog, type ErrorCode } from "../lib/errors.ts";
import { version } from "../lib/version.ts";
import { problem } from "./operations/engine-shapes.ts";
import type { Operation } from "./operations/operation.ts";
import { type OperationName, paths, placeOf } from "./operations/paths.ts";
import { operationOf } from "./operations/table.ts";
import { paramsOf } from "./serve.ts";

/** What any operation may refuse with. */
export const commonErrors = [
  "REQUEST_INVALID",
  "UNAUTHORIZED",
  "FORBIDDEN",
  "ORIGIN_REFUSED",
  "HOST_REFUSED",
  "RATE_LIMITED",
  "OVERLOADED",
  "INTERNAL",
] as const satisfies ErrorCode[];
/** What whatever changes something may refuse with, too. */
export const postErrors = ["REQUEST_TOO_LARGE", "IDEMPOTENCY_KEY_REUSED"] as const satisfies ErrorCode[];

export function errorsOf(name: OperationName): ErrorCode[] {
  const own = operationOf(name).errors;
  return [...new Set([...own, ...commonErrors, ...(placeOf(name).method === "POST" ? postErrors : [])])];
}

export interface Parameter {
  name: string;
  in: "path" | "query" | "header";
  required?: boolean;
  schema: unknown;
  description?: string;
}

export function openApi() {
  const described: Record<string, Record<string, ReturnType<typeof operation>>> = {};
  for (const name of Object.keys(paths) as OperationName[]) {
    const { method, path } = placeOf(name);
    const url = path.replace(/:(\w+)/g, "{$1}");
    described[url] = { ...described[url], [method.toLowerCase()]: operation(name) };
  }
  return {
    openapi: "3.1.0",
    info: { title: "godel", version, license: { name: "MIT", identifier: "MIT" } },
    security: [{ token: [] }],
    paths: described,
    components: {
      securitySchemes: {
        token: {
          type: "http",
          scheme: "bearer",
          description: "`token` of `engine.json` in GODEL_HOME, or one of `godel token create`.",
        },
      },
      schemas: { Problem: problem },
    },
  };
}

function operation(name: OperationName) {
  const {
    summary,
    role,
    query,
    body,
    answer,
    status = 200,
    contentType = "application/json",
  }: Operation = operationOf(name);
  const { method, path } = placeOf(name);
  const parameters = [...inPath(path), ...inQuery(query), ...inHeader(name, method)];
  return {
    operationId: name,
    summary,
    tags: [path.split("/")[3] ?? ""],
    description: `Needs the role ${role}.`,
    parameters,
    ...(body && { requestBody: { required: true, content: { "application/json": { schema: body } } } }),
    responses: {
      [status]: { description: "Done.", content: { [contentType]: { schema: answer } } },
      ...(method === "GET" &&
        contentType === "application/json" && { 304: { description: "It is as the ETag says." } }),
      ...refusals(errorsOf(name)),
    },
  };
}

function refusals(codes: readonly ErrorCode[]) {
  const byStatus = Map.groupBy(codes, (code) => catalog[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, all]) => {
      const schema = {
        allOf: [{ $ref: "#/components/schemas/Problem" }],
        properties: { code: { enum: all }, status: { const: status } },
      };
      return [status, { description: all.join(", "), content: { "application/problem+json": { schema } } }];
    }),
  );
}

function inPath(path: string): Parameter[] {
  const { properties } = paramsOf(path);
  return Object.entries(properties).map(([name, schema]) => ({ name, in: "path", required: true, schema }));
}

/** A schema of a query as one parameter for each of its properties. */
function inQuery(query: TSchema | undefined): Parameter[] {
  const { properties = {} } = (query ?? {}) as { properties?: Record<string, { description?: string }> };
  return Object.entries(properties).map(([name, { description, ...schema }]) => {
    return { name, in: "query", schema, ...(description && { description }) };
  });
}

function inHeader(name: OperationName, method: string): Parameter[] {
  if (name === "followEvents") return [header("Last-Event-ID", "The number of the last event that you have.")];
  if (method === "GET") return [header("If-None-Match", "The ETag that you have: 304 while it still holds.")];
  return [
    header("Idempotency-Key", "Asked again within a day with the same key, it is answered again and not done again."),
  ];
}

function header(name: string, description: string): Parameter {
  return { name, in: "header", schema: { type: "string" }, description };
}
