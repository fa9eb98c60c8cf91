import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { type WebSocket, WebSocketServer } from "ws";
import { type Clock, type Millis, systemClock } from "../lib/clock.ts";
import { catalog, codeOf, type ErrorCode, GodelError, messageOf } from "../lib/errors.ts";
import { Access, anyone, engineCaller } from "./access.ts";
import type { BrowserSessions } from "./browser-sessions.ts";
import { ConnectionBound } from "./connection-bound.ts";
import { lazyCompilers } from "./lazy-compilers.ts";
import { AnsweredOnce } from "./once.ts";
import { namesOf, type Outside, OutsideServer } from "./outside-server.ts";
import { RateLimit, type RateOptions, rateDefaults } from "./rate-limit.ts";
import type { Caller } from "./roles.ts";
import { type Serve, type ServeStream, serveOn, serveStreamOn } from "./serve.ts";
import type { Tokens } from "./tokens.ts";
import type { Problem } from "./wire.ts";

/** `connection` is what the socket runs over. */
export type TakeSocket = (socket: WebSocket, connection: Duplex) => void;

export interface ServerOptions {
  /** 0 takes any free port. */
  port: number;
  token: string;
  /** Browsers that were let in. */
  sessions: BrowserSessions;
  /** Tokens that were given out. Default: none. */
  tokens?: Tokens;
  /** Where it listens beside loopback. Default: nowhere. */
  outside?: Outside;
  /** Where answers are kept for who asks again; `:memory:`, the default, for as long as the server lives. */
  answers?: string;
  /** Default: `rateDefaults`. */
  rate?: RateOptions;
  /** How long a request may take to come: its head, and all of it, in ms. Default 10,000 and 60,000. */
  patience?: { headersMs: Millis; requestMs: Millis };
  /** At once; a further one is refused. Default 10,000, or half of the files that the process may open. */
  maxConnections?: number;
  clock?: Clock;
  /** Takes a WebSocket that was asked for at a path; false when there is none there. Throws a GodelError to refuse. */
  onSocket(path: string, query: URLSearchParams, caller: Caller): TakeSocket | null;
}

/** The largest body taken, in bytes: a plan of 100,000 tasks of 600 each. A larger one is refused before it is read. */
const bodyLimit = 64 << 20;
/** The largest message of a node over its link, in bytes, and of anybody else: who reads the stream has nothing to say. */
const [maxNodeBytes, maxReaderBytes] = [64 << 20, 64 << 10];
/** Whoever is slower holds a connection for nothing. */
const patience = { headersMs: 10_000, requestMs: 60_000 };

/** HTTP on loopback: `Access` says who may ask, failures are problem details (RFC 9457). */
export class ApiServer {
  readonly app: FastifyInstance;
  readonly access: Access;
  readonly serve: Serve;
  readonly serveStream: ServeStream;
  readonly #bound: ConnectionBound;
  readonly #once: AnsweredOnce;
  readonly #outside: OutsideServer | undefined;
  readonly #options: ServerOptions;
  /** Of the engine's own token, which nodes have, and of all others. */
  readonly #own = new WebSocketServer({ noServer: true, maxPayload: maxNodeBytes });
  readonly #others = new WebSocketServer({ noServer: true, maxPayload: maxReaderBytes });

  constructor(options: ServerOptions) {
    this.#options = options;
    const port = () => (this.app.server.address() as AddressInfo | null)?.port ?? 0;
    const { token, tokens, sessions, outside } = options;
    this.access = new Access({ token, tokens, sessions, port, outside: namesOf(outside) });
    const { headersMs, requestMs } = options.patience ?? patience;
    this.app = Fastify({
      bodyLimit,
      schemaController: { compilersFactory: lazyCompilers },
      requestTimeout: requestMs,
      http: { headersTimeout: headersMs, connectionsCheckingInterval: headersMs / 2 },
      routerOptions: { maxParamLength: 1_000 },
    });
    this.#bound = new ConnectionBound(options.maxConnections);
    this.#bound.watch(this.app.server);
    const { clock = systemClock } = options;
    const rate = new RateLimit(options.rate ?? rateDefaults, clock);
    this.app.decorateRequest("caller", null as unknown as Caller);
    // Without a promise, as every request comes by here.
    this.app.addHook("onRequest", (request, reply, done) => {
      try {
        this.#checkBound(request, reply);
        request.caller = this.access.check(request.raw);
        if (request.caller.id !== anyone.id) rate.take(request.caller.id);
        done();
      } catch (error) {
        done(error as Error);
      }
    });
    this.#once = new AnsweredOnce(options.answers ?? ":memory:", clock);
    this.serve = serveOn(this.app, this.#once);
    this.serveStream = serveStreamOn(this.app);
    this.app.setErrorHandler((error, _request, reply) => {
      const problem = problemOf(error);
      if (problem.code === "RATE_LIMITED") reply.header("retry-after", rate.retryAfterSeconds);
      return reply.code(problem.status).type("application/problem+json").send(JSON.stringify(problem));
    });
    this.app.setNotFoundHandler((request) => {
      throw new GodelError("NOT_FOUND", `nothing at ${request.method} ${request.url}.`);
    });
    this.app.server.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
    if (outside) {
      this.#outside = new OutsideServer(outside, {
        server: this.app.server,
        bound: this.#bound,
        onRequest: (request, response) => this.app.routing(request, response),
        onUpgrade: (request, socket, head) => this.#upgrade(request, socket, head),
      });
    }
  }

  /** Its address on loopback. @throws GodelError PORT_TAKEN, LISTEN_REFUSED */
  async listen(): Promise<string> {
    const { port } = this.#options;
    try {
      await this.app.listen({ host: "127.0.0.1", port });
    } catch (error) {
      if (codeOf(error) !== "EADDRINUSE") throw error;
      throw new GodelError("PORT_TAKEN", `port ${port} is taken by another program.`);
    }
    await this.#outside?.listen();
    return `http://127.0.0.1:${(this.app.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const { clients } of [this.#own, this.#others]) for (const socket of clients) socket.close(1001);
    this.#outside?.close();
    this.app.server.closeAllConnections();
    await this.app.close();
    this.#once.close();
  }

  /** Whoever is one too many is told so, and goes. */
  #checkBound({ raw }: FastifyRequest, reply: FastifyReply): void {
    try {
      this.#bound.check(raw.socket);
    } catch (error) {
      reply.header("connection", "close");
      throw error;
    }
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Whoever is refused may be gone before the refusal is written.
    socket.on("error", () => socket.destroy());
    try {
      this.#bound.check(socket);
      const url = parseUrl(request.url);
      const caller = this.access.check(request, { socket: true });
      const take = this.#options.onSocket(url.pathname, url.searchParams, caller);
      if (!take) throw new GodelError("NOT_FOUND", `no stream at ${url.pathname}.`);
      const sockets = caller.id === engineCaller.id ? this.#own : this.#others;
      sockets.handleUpgrade(request, socket, head, (taken) => take(taken, socket));
    } catch (error) {
      const problem = problemOf(error);
      const body = JSON.stringify(problem);
      const headers = `content-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(body)}`;
      socket.end(`HTTP/1.1 ${problem.status} ${problem.title}\r\n${headers}\r\nconnection: close\r\n\r\n${body}`);
    }
  }
}

function parseUrl(path: string | undefined): URL {
  const url = URL.parse(path ?? "/", "http://localhost");
  if (!url) throw new GodelError("NOT_FOUND", "no stream there.");
  return url;
}

function problemOf(error: unknown): Problem {
  const code = error instanceof GodelError ? error.code : clientCode(error);
  const { status, hint } = catalog[code];
  return { type: "about:blank", title: code, status, detail: messageOf(error), code, hint };
}

/** Fastify's own refusals (bad JSON, a body that does not fit its schema) are the caller's mistake; the rest is ours. */
function clientCode(error: unknown): ErrorCode {
  const status = error instanceof Error && "statusCode" in error ? Number(error.statusCode) : 500;
  if (status === 413) return "REQUEST_TOO_LARGE";
  return status >= 400 && status < 500 ? "REQUEST_INVALID" : "INTERNAL";
}
