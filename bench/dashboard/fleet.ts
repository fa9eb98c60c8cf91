/** An engine with a fleet in memory behind the shipped HTTP server and streams; only its node is made up. */

import { BrowserSessions } from "../../src/api/browser-sessions.ts";
import { FrameSocket } from "../../src/api/frame-socket.ts";
import { Metrics } from "../../src/api/metrics.ts";
import { addPageRoutes } from "../../src/api/page-routes.ts";
import { addRoutes, type RouteParts } from "../../src/api/routes.ts";
import { ApiServer } from "../../src/api/server.ts";
import { Streams } from "../../src/api/stream.ts";
import type { Health } from "../../src/api/wire.ts";
import { Engine } from "../../src/engine/engine.ts";
import { MemoryStore, openMemoryJournal } from "../../src/journal/index.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { seededRandom } from "../../src/lib/random.ts";
import { checkPlan } from "../../src/model/plan.ts";
import type { TeamSpec } from "../../src/model/records.ts";
import { token } from "../api/token.ts";

const team = "t1";

export interface BenchFleet {
  engine: Engine;
  url: string;
  metrics: Metrics;
  /** The path that lets a browser in. */
  ticketPath(): string;
  /** Changes the state of one agent after another and what it does, so many times a second, until the answer is called. */
  churn(perSecond: number): () => void;
  close(): Promise<void>;
}

/** `agents` of them, all at work. */
export async function openFleet(agents: number, seed: number): Promise<BenchFleet> {
  const engine = await Engine.open({
    journal: openMemoryJournal(new MemoryStore()),
    clock: systemClock,
    random: seededRandom(seed),
    options: { snapshotEvery: 1_000_000_000 },
    onFatal(error) {
      throw error;
    },
  });
  await putToWork(engine, agents);
  const activities = new Map([...engine.state.agents.keys()].map((agent) => [agent, activityOf(0)]));
  const links = { activities, reservedOf: () => 0, parkedOf: () => [] };
  const streams = new Streams({ engine, links, clock: systemClock });
  const metrics = new Metrics(engine, () => streams.readers);
  const sessions = new BrowserSessions(Buffer.alloc(32, 1), systemClock);
  const server = new ApiServer({
    port: 0,
    token,
    sessions,
    rate: { requestsPerSecond: 1e9, requestBurst: 1e9 },
    onSocket: () => (socket, connection) =>
      void streams.watch(new FrameSocket(socket, connection), { team, from: null }),
  });
  addPageRoutes(server.app, sessions, server.access);
  addRoutes(server.serve, { engine, links, planner: {} } as unknown as RouteParts);
  server.serve("getHealth", () => health);
  const url = await server.listen();
  return {
    engine,
    url,
    metrics,
    ticketPath: () => `/open?ticket=${sessions.ticket({ id: "engine", role: "admin" })}`,
    churn: (perSecond) => churn(engine, links.activities, perSecond),
    async close() {
      streams.close();
      await server.close();
      await engine.close();
    },
  };
}

const health: Health = {
  version: "bench",
  pid: process.pid,
  home: "",
  startedAt: "",
  epoch: "1",
  seq: "0",
  nodes: [],
  liveTeams: 1,
};

async function putToWork(engine: Engine, agents: number): Promise<void> {
  await engine.submit({ type: "joinNode", node: "n1", pid: 1, cores: 64, agents: [], attempts: [] });
  const tasks = Array.from({ length: agents }, (_, i) => ({ id: `k${i}`, title: `Module ${i}`, prompt: "work" }));
  const plan = checkPlan({ goal: "Move the code base to ES modules", tasks });
  await engine.submit({ type: "createTeam", team: { ...spec, desired: agents, min: agents, max: agents }, plan });
  const ready = [...engine.state.agents.keys()].map((agent, i) =>
    engine.submit({
      type: "acceptReport",
      node: "n1",
      report: { type: "agentReady", agent, hostPid: 100 + Math.floor(i / 50), sessionId: `s${i}` },
    }),
  );
  await Promise.all(ready);
}

const spec: TeamSpec = {
  id: team,
  name: "bench",
  goal: "",
  repo: "/repo",
  base: "0".repeat(40),
  branch: "godel/bench",
  model: "demo",
  runtime: "pi",
  skills: [],
  gates: [],
  desired: 1,
  min: 1,
  max: 1,
  budgetUsd: null,
};

/** What an agent does, about as long as such a line is. */
function activityOf(step: number): string {
  return `edits src/module-${step}/index.ts: import { open } from "node:fs/promises"`;
}

function churn(engine: Engine, activities: Map<string, string>, perSecond: number): () => void {
  const agents = [...engine.state.agents.keys()];
  let count = 0;
  const started = performance.now();
  const timer = setInterval(() => {
    // A late turn makes up for those that it stands for.
    while (count < ((performance.now() - started) * perSecond) / 1_000) {
      const agent = agents[Math.floor(count / 2) % agents.length] ?? "";
      const type = count++ % 2 === 0 ? "pauseAgent" : "resumeAgent";
      activities.set(agent, activityOf(count));
      void engine.submit({ type, agent });
    }
  }, 20);
  return () => clearInterval(timer);
}
