/** Who may ask the API for what: the token of `engine.json`, or a browser's session from a page of our own. */
import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { GodelError } from "../lib/errors.ts";
import type { BrowserSessions } from "./browser-sessions.ts";
import type { Caller } from "./roles.ts";

/** What a page, a probe or a scraper may read without a token: nothing here names a team, a task or a file of the user. */
const open =
  /^\/(?:healthz|readyz|metrics|docs|openapi\.json|open|favicon\.svg|assets\/[\w.-]+|(?:teams|tasks|nodes)(?:\/.*)?)?$/;

export const anyone: Caller = { id: "anyone", role: "viewer" };
const engineCaller: Caller = { id: "engine", role: "admin" };

export interface AccessParts {
  token: string;
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
    const foreign = origin !== undefined && origin !== `http://${host}`;
    if (foreign) throw new GodelError("ORIGIN_REFUSED", `a page of ${origin} may not ask.`);
    const [path = ""] = (request.url ?? "").split("?", 1);
    if (!socket && request.method === "GET" && open.test(path)) return anyone;
    if (same(authorization ?? "", `Bearer ${this.#parts.token}`)) return engineCaller;
    if (!this.#parts.sessions.holds(this.#cookie(request))) throw new GodelError("UNAUTHORIZED", "no valid token.");
    const reads = !socket && (request.method === "GET" || request.method === "HEAD");
    if (!reads && origin === undefined) throw new GodelError("ORIGIN_REFUSED", "a browser has to say whose page asks.");
    return { id: "browser", role: "admin" };
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
    return [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`].includes(host.toLowerCase());
  }
}

function same(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
