/** Who may ask the API for what: the token of `engine.json`, or a browser's session from a page of our own. */
import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { GodelError } from "../lib/errors.ts";
import type { BrowserSessions } from "./browser-sessions.ts";
import type { Caller } from "./roles.ts";
import type { Tokens } from "./tokens.ts";

/** What a page, a probe or a scraper may read without a token: nothing here names a team, a task or a file of the user. */
const open =
  /^\/(?:healthz|readyz|metrics|docs|openapi\.json|open|favicon\.svg|assets\/[\w.-]+|(?:teams|tasks|nodes)(?:\/.*)?)?$/;

export const anyone: Caller = { id: "anyone", role: "viewer" };
export const engineCaller: Caller = { id: "engine", role: "admin" };

export interface AccessParts {
  token: string;
  /** Tokens that were given out. Default: none. */
  tokens?: Tokens | undefined;
  /** Names with their ports, beside those of loopback, under which it may be asked for. */
  outside?: readonly string[];
  sessions: BrowserSessions;
  /** The port that is listened on. */
  port(): number;
}

/**
 * Only names of this machine are answered to, so that no other name can be made to mean it (DNS rebinding). A browser
 * sends its cookie with what any page asks for: whatever changes something, and every socket, must come from our own
 * page, as its Origin says.
 */
export class Access {
  readonly #parts: AccessParts;

  constructor(parts: AccessParts) {
    this.#parts = parts;
  }

  /** @throws GodelError HOST_REFUSED, ORIGIN_REFUSED, UNAUTHORIZED */
  check(request: IncomingMessage, { socket = false } = {}): Caller {
    const host = request.headers.host ?? "";
    if (!this.#isOurs(host)) throw new GodelError("HOST_REFUSED", `no answers are given to the name "${host}".`);
    const { origin, authorization } = request.headers;
    const scheme = "encrypted" in request.socket ? "https" : "http";
    const foreign = origin !== undefined && origin !== `${scheme}://${host}`;
    if (foreign) throw new GodelError("ORIGIN_REFUSED", `a page of ${origin} may not ask.`);
    const [path = ""] = (request.url ?? "").split("?", 1);
    const isOpen = !socket && request.method === "GET" && open.test(path);
    // Whoever says who it is may be told more, of the same.
    if (authorization) return this.#bearer(authorization);
    if (isOpen) return anyone;
    const browser = this.#browser(request);
    const reads = !socket && (request.method === "GET" || request.method === "HEAD");
    if (!reads && origin === undefined) throw new GodelError("ORIGIN_REFUSED", "a browser has to say whose page asks.");
    return browser;
  }

  /** @throws GodelError UNAUTHORIZED */
  #bearer(authorization: string): Caller {
    const { token, tokens } = this.#parts;
    if (same(authorization, `Bearer ${token}`)) return engineCaller;
    const caller = authorization.startsWith("Bearer ") ? tokens?.callerOf(authorization.slice(7)) : null;
    if (!caller) throw new GodelError("UNAUTHORIZED", "no valid token.");
    return caller;
  }

  /** One that came in by a token that is good no more is out, too. @throws GodelError UNAUTHORIZED */
  #browser(request: IncomingMessage): Caller {
    const caller = this.#parts.sessions.callerOf(this.#cookie(request));
    const isGood = caller !== null && (caller.id === engineCaller.id || this.#parts.tokens?.isLive(caller.id));
    if (!isGood) throw new GodelError("UNAUTHORIZED", "no valid token.");
    return { ...caller, id: `browser of ${caller.id}` };
  }

  /** Cookies do not tell ports apart: each engine has a name of its own. */
  get cookieName(): string {
    return `godel_${this.#parts.port()}`;
  }

  #cookie({ headers }: IncomingMessage): string {
    const start = `${this.cookieName}=`;
    const all = (headers.cookie ?? "").split(/;\s*/);
    return all.find((each) => each.startsWith(start))?.slice(start.length) ?? "";
  }

  #isOurs(host: string): boolean {
    const port = this.#parts.port();
    const asked = host.toLowerCase();
    if ([`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`].includes(asked)) return true;
    return this.#parts.outside?.includes(asked) ?? false;
  }
}

function same(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
