/** An engine that plays back what it is told to, over the real wire. */
import { writeFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { type WebSocket, WebSocketServer } from "ws";
import type { EngineFile, StreamFrame, TeamStatus } from "../api/wire.ts";
import { noTaskCounts, type TaskState, type TeamState } from "../model/states.ts";

const token = "the-token";

export interface FakeEngine {
  /** Requests so far, as `METHOD path`. */
  calls: string[];
  /** Where the readers of the stream went on from, in order; null for those that began now. */
  from: (string | null)[];
  /** Bodies of the POSTs, in order. */
  bodies: unknown[];
  /** Answers by `METHOD path`; a status of 400 or more is a problem document. */
  answers: Map<string, { status: number; body: unknown }>;
  /** Told of each request once it is answered. */
  onCall(call: string): void;
  /** What each new reader of the stream is sent. */
  onStream(send: (frame: StreamFrame) => void, socket: WebSocket): void;
}

/** Listens, and says so in the home's engine.json. */
export async function fakeEngine(t: TestContext, home: string): Promise<FakeEngine> {
  const engine: FakeEngine = { calls: [], from: [], bodies: [], answers: new Map(), onCall() {}, onStream() {} };
  engine.answers.set("GET /api/v1/health", { status: 200, body: { version: "test", nodes: [] } });
  const server = createServer(async (request, response) => {
    const call = `${request.method} ${request.url}`;
    engine.calls.push(call);
    if (request.method === "POST") engine.bodies.push(JSON.parse((await textOf(request)) || "null"));
    const known = request.headers.authorization === `Bearer ${token}` ? engine.answers.get(call) : undefined;
    const { status, body } = known ?? { status: 404, body: { code: "NOT_FOUND", detail: `no ${call}` } };
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    engine.onCall(call);
  });
  const sockets = new WebSocketServer({ server });
  sockets.on("connection", (socket, { url = "" }) => {
    engine.from.push(new URL(url, "ws://localhost").searchParams.get("from"));
    engine.onStream((frame) => socket.send(JSON.stringify(frame)), socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    for (const socket of sockets.clients) socket.terminate();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const file: EngineFile = { pid: process.pid, nodePid: null, url: `http://127.0.0.1:${port}`, token, startedAt: "" };
  writeFileSync(join(home, "engine.json"), JSON.stringify(file));
  return engine;
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text;
}

/** A status of the team "demo" with two agents and these tasks. */
export function statusOf(state: TeamState, tasks: Partial<Record<TaskState, number>>, ready = true): TeamStatus {
  const counts = { ...noTaskCounts(), ...tasks };
  const agents = { starting: 0, idle: 0, busy: 2, paused: 0, draining: 0, suspect: 0, lost: 0, failed: 0 };
  return {
    team: {
      id: "t1",
      name: "demo",
      state,
      reason: "",
      goal: "Show it",
      repo: "/repo",
      branch: "godel/demo",
      model: "demo",
      runtime: "pi",
      createdAt: "2026-11-25T00:00:00.000Z",
      endedAt: null,
    },
    alerts: [],
    tiers: [],
    agents: { desired: 2, min: 2, max: 2, total: 2, ...agents },
    parked: [],
    share: { weight: 1, priority: 0, agents: null },
    scaling: null,
    tasks: { total: Object.values(counts).reduce((sum, n) => sum + n, 0), ...counts },
    cost: {
      spentUsd: 0.25,
      reservedUsd: 0,
      budgetUsd: 5,
      budgetTokens: null,
      burnUsdPerHour: 0.5,
      forecastUsd: 1.25,
      perTaskUsd: 0.125,
      tokens: { input: 1000, output: 200, cacheRead: 0, cacheWrite: 0 },
    },
    timing: { allReadyMs: ready ? 400 : null, expectedMs: null, elapsedMs: 1_500 },
  };
}

export function frameOf(status: TeamStatus): StreamFrame {
  return { type: "status", seq: "1", status, activities: [], slowest: [] };
}
