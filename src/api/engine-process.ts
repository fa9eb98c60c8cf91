import type { Engine } from "../engine/engine.ts";
import { HealthWatch } from "../engine/health-watch.ts";
import { iso, sleep, systemClock } from "../lib/clock.ts";
import { GodelError } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import { killMarked } from "../lib/process-tree.ts";
import { isPidUsed } from "../lib/processes.ts";
import { secretToken } from "../lib/random.ts";
import { version } from "../lib/version.ts";
import { type Home, workMark } from "../model/home.ts";
import { teamEnded } from "../model/states.ts";
import { anyone, engineCaller } from "./access.ts";
import { addAccessRoutes } from "./access-routes.ts";
import { Audit } from "./audit.ts";
import { addBackupRoute } from "./backup.ts";
import { BrowserSessions, sessionKey } from "./browser-sessions.ts";
import { addDocs } from "./docs-page.ts";
import { FrameSocket } from "./frame-socket.ts";
import { removeEngineFile, writeEngineFile } from "./home-files.ts";
import { addMcpRoute } from "./mcp.ts";
import { Metrics } from "./metrics.ts";
import { NodeLinks } from "./node-link.ts";
import { nodeProcesses } from "./node-processes.ts";
import { localNode, NodeSupervisor } from "./node-supervisor.ts";
import { NodeViews } from "./node-views.ts";
import type { ApiOptions } from "./options.ts";
import { addPageRoutes } from "./page-routes.ts";
import { Planner } from "./planner.ts";
import type { Caller } from "./roles.ts";
import { addRoutes } from "./routes.ts";
import { ApiServer, type TakeSocket } from "./server.ts";
import { Streams } from "./stream.ts";
import { addStreamRoute, wantedOf } from "./stream-route.ts";
import { Tokens } from "./tokens.ts";
import type { Health } from "./wire.ts";

/** How long a node may take to stop its agents and delete what they left on `godel down`, in ms. */
const leaveMs = 30_000;

export interface ProcessParts {
  engine: Engine;
  home: Home;
  /** 0 takes any free port. */
  port: number;
  api: ApiOptions;
  log: Log;
  /** Everything is closed; the process may exit. */
  onStopped(): void;
}

/** What surrounds an engine in its process: HTTP, streams, the link to nodes, and the node of this machine. */
export class EngineProcess {
  readonly #parts: ProcessParts;
  readonly #links: NodeLinks;
  readonly #supervisor: NodeSupervisor;
  readonly #watch: HealthWatch;
  readonly #nodeViews = new NodeViews();
  readonly #streams: Streams;
  readonly #planner: Planner;
  readonly #server: ApiServer;
  readonly #sessions: BrowserSessions;
  readonly #tokens: Tokens;
  readonly #metrics: Metrics;
  readonly #token = secretToken();
  readonly #startedAt = iso(systemClock.wall());
  #url = "";
  #toldPid: number | null = null;
  #stopping = false;

  constructor(parts: ProcessParts) {
    const { engine, home, port, api } = parts;
    this.#parts = parts;
    this.#tokens = new Tokens(home.tokens, systemClock);
    this.#links = new NodeLinks({
      engine,
      clock: systemClock,
      onChange: () => this.#changed(),
      onUnlinked: (node) => this.#supervisor.unlinked(node),
      onHeartbeat: (node, frame) => {
        this.#watch.hear(node, frame);
        this.#nodeViews.hear(node, frame);
        this.#metrics.firstTokens(frame.firstTokensMs ?? []);
      },
    });
    const links = this.#links;
    this.#watch = new HealthWatch({ engine, clock: systemClock });
    this.#supervisor = new NodeSupervisor({ engine, links, clock: systemClock, processes: nodeProcesses(home) });
    this.#streams = new Streams({ engine, links, clock: systemClock });
    this.#planner = new Planner(engine, links, systemClock);
    this.#metrics = new Metrics(engine, () => this.#streams.readers);
    this.#sessions = new BrowserSessions(sessionKey(home.sessionKey), systemClock);
    this.#server = new ApiServer({
      port,
      token: this.#token,
      sessions: this.#sessions,
      answers: home.answers,
      tokens: this.#tokens,
      rate: api,
      ...(api.host !== "" && { outside: api }),
      onSocket: (path, query, caller) => this.#socketAt(path, query, caller),
    });
    this.#addRoutes();
  }

  /** Answers from here on. @throws GodelError PORT_TAKEN */
  async start(): Promise<void> {
    this.#url = await this.#server.listen();
    this.#tell();
    this.#supervisor.start();
  }

  /** `godel down`: the node stops its agents and keeps their work, then all is closed. May be called again meanwhile. */
  async stop(): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    const { engine, home, onStopped } = this.#parts;
    const { pid } = this.#supervisor;
    this.#supervisor.close();
    this.#links.leave();
    if (pid !== null) {
      await gone(home, pid);
      await engine.submit({ type: "loseNode", node: localNode, pid, reason: "godel was stopped", planned: true });
    }
    this.#streams.close();
    this.#links.close();
    this.#watch.close();
    await this.#server.close();
    await engine.close();
    removeEngineFile(home);
    onStopped();
  }

  #addRoutes(): void {
    const { engine, home, log } = this.#parts;
    const { app } = this.#server;
    const { serve } = this.#server;
    addDocs(app);
    addPageRoutes(app, this.#sessions, this.#server.access);
    addRoutes(serve, { engine, links: this.#links, planner: this.#planner });
    addBackupRoute(serve, engine, home);
    addStreamRoute(this.#server.serveStream, { engine, streams: this.#streams });
    addMcpRoute(app, { engine, streams: this.#streams });
    const audit = new Audit(home.audit, log);
    audit.listen(app);
    addAccessRoutes(serve, { tokens: this.#tokens, audit });
    serve("makeTicket", ({ caller }) => ({ path: `/open?ticket=${this.#sessions.ticket(caller)}` }));
    serve("getHealth", () => this.#health());
    serve("shutDown", () => {
      // Answered first: the end closes every connection.
      systemClock.soon(() => void this.stop());
      return { ok: true };
    });
    app.get("/healthz", () => ({ ok: true }));
    app.get("/readyz", () => this.#ready());
    app.get("/metrics", ({ caller }, reply) => {
      const text = this.#metrics.text({ byTeam: caller.id !== anyone.id });
      return reply.type("text/plain; version=0.0.4").send(text);
    });
  }

  #socketAt(path: string, query: URLSearchParams, caller: Caller): TakeSocket | null {
    if (path === "/api/v1/link") {
      if (caller.id !== engineCaller.id) throw new GodelError("FORBIDDEN", "only a node of this engine may link.");
      return (socket) => this.#links.accept(socket);
    }
    if (path !== "/api/v1/stream") return null;
    const wanted = wantedOf(this.#parts.engine, Object.fromEntries(query));
    this.#streams.checkRoom();
    return (socket, connection) => void this.#streams.watch(new FrameSocket(socket, connection), wanted);
  }

  /** @throws GodelError NODE_UNREACHABLE while no node could run anything */
  #ready(): { ok: true } {
    const { nodes } = this.#parts.engine.state;
    if ([...nodes.keys()].some((node) => this.#links.isLinked(node))) return { ok: true };
    throw new GodelError("NODE_UNREACHABLE", "no node is linked to the engine.");
  }

  #health(): Health {
    const { engine, home } = this.#parts;
    const { teams, epoch } = engine.state;
    return {
      version,
      pid: process.pid,
      home: home.dir,
      startedAt: this.#startedAt,
      epoch: String(epoch),
      seq: String(engine.seq),
      nodes: this.#nodeViews.of(engine.state, (node) => this.#links.isLinked(node)),
      liveTeams: [...teams.values()].filter((team) => !teamEnded(team.state)).length,
    };
  }

  /** A node came or went, or said something that views show. */
  #changed(): void {
    this.#streams.touch();
    this.#planner.poke();
    if (this.#supervisor.pid !== this.#toldPid) this.#tell();
  }

  /** Not after the end has begun: the file would outlive the engine. */
  #tell(): void {
    if (this.#stopping) return;
    const nodePid = this.#supervisor.pid;
    this.#toldPid = nodePid;
    const file = { pid: process.pid, nodePid, url: this.#url, token: this.#token, startedAt: this.#startedAt };
    writeEngineFile(this.#parts.home, file);
  }
}

/** Waits for the node to go, and ends it with all that works for it when it takes too long. */
async function gone(home: Home, pid: number): Promise<void> {
  const until = systemClock.monotonic() + leaveMs;
  while (isPidUsed(pid) && systemClock.monotonic() < until) await sleep(systemClock, 20);
  if (!isPidUsed(pid)) return;
  process.kill(pid, "SIGKILL");
  await killMarked(`${workMark}=${home.dir}`);
}
