/** The engine's process: journal, loop, HTTP, the link to nodes, and the node of this machine. */
import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { Engine } from "../engine/engine.ts";
import { takeInThread } from "../engine/snapshot-thread.ts";
import { openSqliteJournal } from "../journal/index.ts";
import { iso, sleep, systemClock } from "../lib/clock.ts";
import { codeOf, GodelError, messageOf } from "../lib/errors.ts";
import { killMarked } from "../lib/process-tree.ts";
import { isPidUsed } from "../lib/processes.ts";
import { secretToken, systemRandom } from "../lib/random.ts";
import { type Home, homeOf, workMark } from "../model/home.ts";
import { teamEnded } from "../model/states.ts";
import { addBackupRoute } from "./backup.ts";
import { resolveTeam } from "./names.ts";
import { NodeLinks } from "./node-link.ts";
import { nodeProcesses } from "./node-processes.ts";
import { localNode, NodeSupervisor } from "./node-supervisor.ts";
import { Planner } from "./planner.ts";
import { addRoutes } from "./routes.ts";
import { ApiServer } from "./server.ts";
import { Streams } from "./stream.ts";
import type { EngineFile, Health } from "./wire.ts";

const version = "0.1.0";
/** How long a node may take to stop its agents on `godel down`, in ms. */
const leaveMs = 15_000;

async function main(): Promise<void> {
  const home = homeOf(process.env);
  makeHome(home);
  const engine = await Engine.open({
    journal: await openSqliteJournal(home.journal),
    clock: systemClock,
    random: systemRandom,
    takeSnapshot: () => takeInThread(home.journal),
    report: (line) => console.error(`${iso(systemClock.wall())} ${line}`),
    onFatal: die,
  });
  const token = secretToken();
  const startedAt = iso(systemClock.wall());
  const links: NodeLinks = new NodeLinks({
    engine,
    clock: systemClock,
    onChange: () => changed(),
    onUnlinked: (node) => supervisor.unlinked(node),
  });
  const supervisor = new NodeSupervisor({ engine, links, clock: systemClock, processes: nodeProcesses(home) });
  const streams = new Streams(engine, links, systemClock);
  const planner = new Planner(engine, links, systemClock);
  const server = new ApiServer({
    port: portOf(process.env.GODEL_PORT),
    token,
    onSocket(path, query) {
      if (path === "/api/v1/link") return (socket) => links.accept(socket);
      if (path !== "/api/v1/stream") return null;
      const team = resolveTeam(engine.state, query.get("team") ?? "-");
      return (socket) => streams.watch(socket, team.id);
    },
  });
  addRoutes(server.app, { engine, links, planner });
  addBackupRoute(server.app, engine, home);
  server.app.get("/healthz", () => ({ ok: true }));
  server.app.get(
    "/api/v1/health",
    (): Health => ({
      version,
      pid: process.pid,
      home: home.dir,
      startedAt,
      epoch: String(engine.state.epoch),
      seq: String(engine.seq),
      nodes: [...engine.state.nodes.values()].map(({ id, state, pid }) => ({
        id,
        state,
        pid,
        linked: links.isLinked(id),
      })),
      liveTeams: [...engine.state.teams.values()].filter((team) => !teamEnded(team.state)).length,
    }),
  );
  server.app.post("/api/v1/shutdown", (_request, reply) => {
    reply.send({ ok: true });
    void shutdown();
  });
  const url = await server.listen();
  const writeFile = () => {
    const file: EngineFile = { pid: process.pid, nodePid: supervisor.pid, url, token, startedAt };
    writeEngineFile(home, file);
  };
  let nodePid = supervisor.pid;
  function changed(): void {
    streams.touch();
    planner.poke();
    if (supervisor.pid === nodePid) return;
    nodePid = supervisor.pid;
    writeFile();
  }
  writeFile();
  supervisor.start();
  process.on("SIGTERM", () => void shutdown());
  process.on("SIGINT", () => void shutdown());

  let stopping = false;
  async function shutdown(): Promise<void> {
    if (stopping) return;
    stopping = true;
    const pid = supervisor.pid;
    supervisor.close();
    links.leave();
    if (pid !== null) {
      await gone(home, pid);
      await engine.submit({ type: "loseNode", node: localNode, pid, reason: "godel was stopped", planned: true });
    }
    streams.close();
    links.close();
    await server.close();
    await engine.close();
    rmSync(home.engineFile, { force: true });
    process.exit(0);
  }
}

function makeHome(home: Home): void {
  try {
    for (const dir of [home.dir, home.worktrees, home.attempts, home.agents, home.cache]) {
      mkdirSync(dir, { recursive: true, mode: 0o700 });
    }
  } catch (error) {
    const code = codeOf(error) === "ENOSPC" ? "DISK_FULL" : "HOME_UNUSABLE";
    throw new GodelError(code, `${home.dir}: ${messageOf(error)}`);
  }
}

function portOf(text: string | undefined): number {
  const port = Number(text ?? 7373);
  if (Number.isInteger(port) && port >= 0 && port < 65_536) return port;
  throw new GodelError("OPTION_RANGE", `the port must be a whole number from 0 to 65535, got "${text}".`);
}

/** Readers find the old file or the new one, never half of one. */
function writeEngineFile(home: Home, file: EngineFile): void {
  const temporary = `${home.engineFile}.new`;
  writeFileSync(temporary, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600 });
  chmodSync(temporary, 0o600);
  renameSync(temporary, home.engineFile);
}

/** Waits for the node to go, and ends it with all that works for it when it takes too long. */
async function gone(home: Home, pid: number): Promise<void> {
  const until = systemClock.monotonic() + leaveMs;
  while (isPidUsed(pid) && systemClock.monotonic() < until) await sleep(systemClock, 20);
  if (!isPidUsed(pid)) return;
  process.kill(pid, "SIGKILL");
  await killMarked(`${workMark}=${home.dir}`);
}

/** The last line on stderr tells whoever started us why. */
function die(error: unknown): never {
  const code = error instanceof GodelError ? error.code : "INTERNAL";
  if (!(error instanceof GodelError)) console.error(error);
  console.error(JSON.stringify({ error: { code, message: messageOf(error) } }));
  process.exit(1);
}

main().catch(die);
