/**
 * `/mcp`: the API for agents and editors, as a server of the Model Context Protocol over streamable HTTP. Each request stands
 * alone, with the token of who asks; a tool is a request to the API with the same token, so the same rules hold for it.
 */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Engine } from "../engine/engine.ts";
import { systemClock } from "../lib/clock.ts";
import { GodelError } from "../lib/errors.ts";
import { isFields, parseJson } from "../lib/json.ts";
import { version } from "../lib/version.ts";
import { requestOf, toolsFor, watchTool } from "./mcp-tools.ts";
import { seenOf } from "./mcp-watch.ts";
import type { Streams } from "./stream.ts";
import { wantedOf } from "./stream-route.ts";
import type { Problem } from "./wire.ts";

/** As of a plan over HTTP. */
const bodyLimit = 64 << 20;

interface McpParts {
  engine: Engine;
  streams: Streams;
}

export function addMcpRoute(app: FastifyInstance, parts: McpParts): void {
  app.post("/mcp", { bodyLimit }, async (request, reply) => {
    // A tenth of a second to load, for those alone who use it.
    const [{ Server }, { StreamableHTTPServerTransport }, types] = await Promise.all([
      import("@modelcontextprotocol/sdk/server/index.js"),
      import("@modelcontextprotocol/sdk/server/streamableHttp.js"),
      import("@modelcontextprotocol/sdk/types.js"),
    ]);
    const info = { name: "godel", title: "godel: fleets of coding agents", version };
    const server = new Server(info, { capabilities: { tools: {} }, instructions });
    server.setRequestHandler(types.ListToolsRequestSchema, async () => ({ tools: toolsFor(request.caller.role) }));
    server.setRequestHandler(types.CallToolRequestSchema, async ({ params }) =>
      call(app, parts, request, { name: params.name, given: params.arguments ?? {} }),
    );
    const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
    reply.hijack();
    reply.raw.on("close", () => void server.close());
    await server.connect(transport);
    await transport.handleRequest(request.raw, reply.raw, request.body);
  });
  // There is no session to listen to or to end.
  for (const method of ["GET", "DELETE"] as const) {
    app.route({ method, url: "/mcp", handler: (_request, reply) => reply.code(405).header("allow", "POST").send() });
  }
}

const instructions =
  "godel runs fleets of coding agents on git repositories of this machine. Make a plan with `plan`, start a team with `spawn` " +
  "(a task or a plan, a number of agents, a budget in USD), follow it with `watch`, ask `why` a task is where it is, and " +
  "`steer` an agent at work. What passes its gates is merged into the branch godel/NAME; no other branch is touched.";

interface Called {
  name: string;
  given: Record<string, unknown>;
}

async function call(app: FastifyInstance, parts: McpParts, asking: FastifyRequest, { name, given }: Called) {
  try {
    if (name === watchTool.name) return resultOf(await watch(parts, given));
    const { method, url, body, key } = requestOf(name, given);
    const answer = await app.inject({
      method,
      url,
      headers: { ...identity(asking), ...(key !== undefined && { "idempotency-key": key }) },
      ...(body && { payload: body }),
    });
    const value = parseJson(answer.body);
    if (answer.statusCode < 400) return resultOf(value);
    const { code, detail, hint } = value as Problem;
    return failure(`${code}: ${detail} ${hint}`);
  } catch (error) {
    if (!(error instanceof GodelError)) throw error;
    return failure(`${error.code}: ${error.message} ${error.hint}`);
  }
}

/** @throws GodelError TEAM_NOT_FOUND, OPTION_RANGE, OVERLOADED */
async function watch({ engine, streams }: McpParts, { team, from, seconds = 30 }: Record<string, unknown>) {
  const forMs = Number(seconds) * 1_000;
  if (!(forMs >= 1_000 && forMs <= 60_000)) throw new GodelError("OPTION_RANGE", "seconds must be from 1 to 60.");
  const given = { team: String(team ?? "-"), ...(from !== undefined && { from: String(from) }) };
  const wanted = wantedOf(engine, given);
  streams.checkRoom();
  return seenOf(streams, { ...wanted, from: wanted.from ?? engine.seq }, { forMs, clock: systemClock });
}

/** What says who asks, and from where. */
function identity({ headers }: FastifyRequest): Record<string, string> {
  const kept = ["authorization", "host", "cookie", "origin"].map((name) => [name, headers[name]]);
  return Object.fromEntries(kept.filter(([, value]) => typeof value === "string"));
}

function resultOf(value: unknown) {
  const structured = isFields(value) ? { structuredContent: value } : {};
  return { content: [{ type: "text" as const, text: JSON.stringify(value) }], ...structured };
}

function failure(text: string) {
  return { content: [{ type: "text" as const, text }], isError: true };
}
