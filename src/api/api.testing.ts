/** The shipped HTTP server in front of an engine in memory; only its node is made up. */
import { mkdtempSync, rmSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { TestContext } from "node:test";
import { Engine } from "../engine/engine.ts";
import { planOf, teamSpec } from "../engine/fleet.testing.ts";
import { MemoryStore, openMemoryJournal } from "../journal/index.ts";
import { systemClock } from "../lib/clock.ts";
import { GodelError } from "../lib/errors.ts";
import { parseJson } from "../lib/json.ts";
import { seededRandom } from "../lib/random.ts";
import type { Answers, Question, Report } from "../model/link.ts";
import type { TeamSpec } from "../model/records.ts";
import { addAccessRoutes } from "./access-routes.ts";
import { Audit } from "./audit.ts";
import { BrowserSessions } from "./browser-sessions.ts";
import { addDocs } from "./docs-page.ts";
import { addMcpRoute } from "./mcp.ts";
import { addPageRoutes } from "./page-routes.ts";
import { addRoutes, type RouteParts } from "./routes.ts";
import { ApiServer, type ServerOptions } from "./server.ts";
import { Streams } from "./stream.ts";
import { addStreamRoute } from "./stream-route.ts";
import { Tokens } from "./tokens.ts";
import type { Health } from "./wire.ts";

export interface Reply {
  status: number;
  headers: IncomingMessage["headers"];
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: what it is, is what tests ask.
  body: any;
}

export async function openEngine(context: TestContext): Promise<Engine> {
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

/** What a node answers, by the type of the question; what is not there it cannot do. */
export type NodeAnswers = { [T in Question["type"]]?: (question: Extract<Question, { type: T }>) => Answers[T] };

export async function openApiServer(
  context: TestContext,
  options: Partial<ServerOptions> = {},
  node: NodeAnswers = {},
) {
  const engine = await openEngine(context);
  const asked: Question[] = [];
  const links = {
    activities: new Map<string, string>(),
    reservedOf: () => 0,
    parkedOf: () => [],
    async ask(question: Question) {
      asked.push(question);
      const answer = (node as Record<string, (question: Question) => unknown>)[question.type];
      if (answer) return answer(question);
      throw new GodelError("NODE_UNREACHABLE", "no node is linked.");
    },
  };
  const streams = new Streams({ engine, links, clock: systemClock });
  const dir = mkdtempSync(join(tmpdir(), "godel-api-"));
  context.after(() => rmSync(dir, { recursive: true }));
  const sessions = new BrowserSessions(Buffer.alloc(32, 1), systemClock);
  const tokens = new Tokens(join(dir, "tokens.json"), systemClock);
  const server = new ApiServer({ port: 0, token: "t", tokens, sessions, onSocket: () => null, ...options });
  context.after(async () => {
    streams.close();
    await server.close();
  });
  const parts = { engine, links, planner: { poke() {} } } as unknown as RouteParts;
  addPageRoutes(server.app, sessions, server.access);
  addDocs(server.app);
  addRoutes(server.serve, parts);
  addStreamRoute(server.serveStream, { engine, streams });
  addMcpRoute(server.app, { engine, streams });
  server.serve("getHealth", () => health);
  server.serve("makeTicket", ({ caller }) => ({ path: `/open?ticket=${sessions.ticket(caller)}` }));
  const audit = new Audit(join(dir, "audit.log"), console.error);
  audit.listen(server.app);
  addAccessRoutes(server.serve, { tokens, audit });
  server.serve("backUp", () => ({ path: "/b", seq: "1", sizeBytes: 1, notIncluded: [] }));
  server.serve("shutDown", () => ({ ok: true }));
  const url = await server.listen();
  return { engine, server, streams, url, asked, ask: asker(url), sessions, tokens, dir };
}

const health: Health = {
  version: "test",
  pid: 1,
  home: "/",
  startedAt: new Date(0).toISOString(),
  epoch: "1",
  seq: "0",
  nodes: [],
  liveTeams: 0,
};

/** Asks with the token "t", unless the headers say otherwise. `node:http` sends a path and a Host as they are given. */
export function asker(url: string) {
  return async (
    method: string,
    path: string,
    { body, headers = {} }: { body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<Reply> => {
    const { hostname, port } = new URL(url);
    const payload = body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body);
    const given: Record<string, string | number> = { authorization: "Bearer t", ...headers };
    if (payload !== undefined) {
      given["content-type"] ??= "application/json";
      given["content-length"] = Buffer.byteLength(payload);
    }
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const sent = request({ hostname, port, path, method, headers: given, agent: false }, resolve);
      sent.on("error", reject).end(payload);
    });
    const all = await text(answer);
    return { status: answer.statusCode ?? 0, headers: answer.headers, text: all, body: parseJson(all) };
  };
}

/** A team of two agents with four tasks: `c`, the longest chain, is done, two are under way, one waits. */
export async function putToWork(engine: Engine, overrides: Partial<TeamSpec> = {}): Promise<void> {
  const spec = teamSpec(overrides);
  if (!engine.state.nodes.has("n1")) {
    await engine.submit({ type: "joinNode", node: "n1", pid: 7, cores: 2, agents: [], attempts: [] });
  }
  await engine.submit({ type: "createTeam", team: spec, plan: planOf({ a: [], b: [], c: [], d: ["c"] }) });
  const report = (report: Report) => engine.submit({ type: "acceptReport", node: "n1", report });
  for (const { id, team } of [...engine.state.agents.values()]) {
    if (team === spec.id) await report({ type: "agentReady", agent: id, hostPid: 70, sessionId: `s-${id}` });
  }
  const attempt = [...engine.state.attempts.values()].find((each) => each.team === spec.id)?.id ?? "";
  await report({ type: "attemptStarted", attempt, sessionId: "s", transcript: null });
  await report({ type: "attemptVerifying", attempt });
  await report({ type: "attemptVerified", attempt, commit: "c0" });
  await report({ type: "attemptMerged", attempt, commit: "m0" });
}

/** The numbers of all events of a team after `from`, as the journal has them. */
export async function journaled(engine: Engine, team: string, from = 0n): Promise<number[]> {
  const seqs: number[] = [];
  for await (const { seq, events } of engine.read(from)) {
    for (const [i, event] of events.entries()) {
      const number = Number(seq) - events.length + 1 + i;
      if (number > from && JSON.stringify(event).includes(`"${team}`)) seqs.push(number);
    }
  }
  return seqs;
}
