/** The API described as OpenAPI 3.1, from the routes as they are and the schemas that check what they take. */
import type { FastifyInstance } from "fastify";
import { catalog } from "../lib/errors.ts";
import { version } from "../lib/version.ts";

interface Route {
  method: string;
  url: string;
  body?: unknown;
  query?: unknown;
}

const problem = {
  description: "Refused; `code` is one of the catalog and does not change, `hint` says what to do.",
  content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
};

/** Hears of every route that is added from now on, and serves what it heard at /openapi.json. */
export function addOpenApi(app: FastifyInstance): void {
  const routes: Route[] = [];
  app.addHook("onRoute", ({ method, url, schema }) => {
    for (const each of [method].flat()) {
      if (each !== "HEAD") routes.push({ method: each, url, body: schema?.body, query: schema?.querystring });
    }
  });
  app.get("/openapi.json", () => describe(routes));
}

function describe(routes: readonly Route[]) {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes.filter(({ url }) => url.startsWith("/api/"))) {
    const path = route.url.replace(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) };
  }
  return {
    openapi: "3.1.0",
    info: { title: "godel", version, license: { name: "MIT", identifier: "MIT" } },
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: {
        token: { type: "http", scheme: "bearer", description: "`token` of `engine.json` in GODEL_HOME." },
      },
      schemas: { Problem: problemSchema },
    },
  };
}

function operation({ method, url, body, query }: Route) {
  const inPath = [...url.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  const parameters = [...inPath, ...queryParameters(query)];
  return {
    operationId: `${method.toLowerCase()}${url.replace(/^\/api\/v1/, "").replace(/[/:-]+(\w)/g, (_, letter) => letter.toUpperCase())}`,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { "application/json": { schema: body } } } }),
    responses: { "2XX": { description: "Done.", content: { "application/json": {} } }, default: problem },
  };
}

/** A schema of a query as one parameter for each of its properties. */
function queryParameters(query: unknown) {
  const { properties = {} } = (query ?? {}) as { properties?: Record<string, unknown> };
  return Object.entries(properties).map(([name, schema]) => ({ name, in: "query", schema }));
}

const problemSchema = {
  type: "object",
  required: ["type", "title", "status", "detail", "code", "hint"],
  properties: {
    type: { type: "string" },
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string" },
    code: { type: "string", enum: Object.keys(catalog) },
    hint: { type: "string" },
  },
};
