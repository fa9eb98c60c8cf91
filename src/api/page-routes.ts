/** The dashboard at `/`: its built files, and the door through which a browser comes in. */
import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import type { FastifyInstance, FastifyReply } from "fastify";
import { codeOf, GodelError } from "../lib/errors.ts";
import type { Access } from "./access.ts";
import type { BrowserSessions } from "./browser-sessions.ts";

/** Addresses that the page itself tells apart: each is answered with it. */
const pages = ["/", "/teams/*", "/tasks/*", "/attention", "/spawn", "/nodes", "/providers", "/history"];

/** Where `npm run web` puts them. */
const built = join(import.meta.dirname, "../../web/dist");

const types: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

/** Styles may be inline, which React's `style` needs; code may not. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; " +
  "connect-src 'self'; worker-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export const guards = {
  "content-security-policy": policy,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
};

export function addPageRoutes(app: FastifyInstance, sessions: BrowserSessions, access: Access): void {
  app.get<{ Querystring: { ticket?: unknown } }>("/open", async ({ query, raw }, reply) => {
    const redeemed = typeof query.ticket === "string" ? sessions.redeem(query.ticket) : null;
    // The address with the ticket is replaced by the one it leads to, and is good no more.
    const answer = reply.code(303).headers({ ...guards, "cache-control": "no-store" });
    if (!redeemed) return answer.header("location", "/?expired").send();
    const { session, maxAgeSeconds } = redeemed;
    const secure = "encrypted" in raw.socket ? "; Secure" : "";
    const cookie = `${access.cookieName}=${session}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${maxAgeSeconds}${secure}`;
    return answer.header("set-cookie", cookie).header("location", "/").send();
  });
  app.get<{ Params: { file: string } }>("/assets/:file", async ({ params }, reply) => {
    if (!/^[\w-][\w.-]*$/.test(params.file)) throw new GodelError("NOT_FOUND", `no asset ${params.file}.`);
    // Their names hold a digest of what is in them.
    return send(reply, join("assets", params.file), "public, max-age=31536000, immutable");
  });
  app.get("/favicon.svg", async (_request, reply) => send(reply, "favicon.svg", "max-age=3600"));
  // Every address of the page is the page; it reads the rest of it by itself.
  for (const path of pages) {
    app.get(path, async (_request, reply) => send(reply, "index.html", "no-cache"));
  }
}

async function send(reply: FastifyReply, path: string, caching: string) {
  try {
    const content = await readFile(join(built, path));
    return reply
      .headers({ ...guards, "cache-control": caching })
      .type(types[extname(path)] ?? "")
      .send(content);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
    throw new GodelError("DASHBOARD_NOT_BUILT", "the files of the dashboard are not there.");
  }
}
