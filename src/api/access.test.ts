import { deepEqual, equal, match, notEqual } from "node:assert/strict";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { WebSocket } from "ws";
import { type Clock, systemClock } from "../lib/clock.ts";
import { BrowserSessions, sessionKey } from "./browser-sessions.ts";
import { addPageRoutes } from "./page-routes.ts";
import type { Caller } from "./roles.ts";
import { ApiServer } from "./server.ts";

const me: Caller = { id: "engine", role: "operator" };
const week = 7 * 24 * 3_600_000;

test("a ticket opens the door once, within its minute, and the session it gives lasts a week", () => {
  let now = 1_000;
  const clock: Clock = { ...systemClock, wall: () => now, monotonic: () => now };
  const sessions = new BrowserSessions(Buffer.alloc(32, 1), clock);
  const ticket = sessions.ticket(me);
  const { session = "" } = sessions.redeem(ticket) ?? {};
  deepEqual(sessions.callerOf(session), me);
  equal(sessions.redeem(ticket), null);
  const late = sessions.ticket(me);
  now += 60_001;
  equal(sessions.redeem(late), null);
  deepEqual(sessions.callerOf(session), me);
  // Another process with the same key lets it in too; another key does not.
  deepEqual(new BrowserSessions(Buffer.alloc(32, 1), clock).callerOf(session), me);
  deepEqual(new BrowserSessions(Buffer.alloc(32, 2), clock).callerOf(session), null);
  const [, ...rest] = session.split(".");
  deepEqual(sessions.callerOf([String(now + 9 * week), ...rest].join(".")), null);
  deepEqual(sessions.callerOf(""), null);
  now += week;
  deepEqual(sessions.callerOf(session), null);
});

test("the key of the sessions is made once, for its owner alone", (context) => {
  const dir = mkdtempSync(join(tmpdir(), "godel-key-"));
  context.after(() => rmSync(dir, { recursive: true }));
  const file = join(dir, "session.key");
  const key = sessionKey(file);
  deepEqual(sessionKey(file), key);
  equal(key.length, 32);
  equal(statSync(file).mode & 0o777, 0o600);
});

test("a browser comes in by a ticket and gets a cookie that no script and no other site can use", async (context) => {
  const { ask, ticket } = await serve(context);
  const opened = await ask("GET", `/open?ticket=${ticket()}`);
  deepEqual([opened.status, opened.headers.location], [303, "/"]);
  match(String(opened.headers["set-cookie"]), /^godel_\d+=\S+; Path=\/; HttpOnly; SameSite=Strict; Max-Age=604800$/);
  match(String(opened.headers["content-security-policy"]), /default-src 'none'; script-src 'self'/);
  const again = await ask("GET", "/open?ticket=made-up");
  deepEqual([again.status, again.headers.location, again.headers["set-cookie"]], [303, "/?expired", undefined]);
});

test("without a token only what names nothing of the user is told", async (context) => {
  const { ask } = await serve(context);
  equal((await ask("GET", "/healthz")).status, 200);
  for (const path of ["/thing", "/assets/../thing", "/assets/%2e%2e%2fthing", "/healthz/../thing"]) {
    notEqual((await ask("GET", path)).status, 200, path);
  }
  deepEqual(await codeOf(ask("GET", "/thing")), [401, "UNAUTHORIZED"]);
  deepEqual(await codeOf(ask("GET", "/thing", { authorization: "Bearer no" })), [401, "UNAUTHORIZED"]);
  equal((await ask("GET", "/thing", { authorization: "Bearer t" })).status, 200);
});

test("no other name, no other site and no page without an origin gets anything done", async (context) => {
  const { ask, origin, cookie } = await serve(context);
  equal((await ask("GET", "/thing", { cookie })).status, 200);
  equal((await ask("POST", "/thing", { cookie, origin })).status, 200);
  deepEqual(await codeOf(ask("POST", "/thing", { cookie })), [403, "ORIGIN_REFUSED"]);
  for (const foreign of ["https://evil.example", "null", "http://127.0.0.1:1", "http://localhost"]) {
    deepEqual(await codeOf(ask("POST", "/thing", { cookie, origin: foreign })), [403, "ORIGIN_REFUSED"], foreign);
    deepEqual(await codeOf(ask("GET", "/thing", { cookie, origin: foreign })), [403, "ORIGIN_REFUSED"], foreign);
  }
  for (const host of ["evil.example", "127.0.0.1", "evil.example:80", "127.0.0.1.evil.example"]) {
    deepEqual(await codeOf(ask("GET", "/healthz", { host })), [421, "HOST_REFUSED"], host);
    deepEqual(await codeOf(ask("POST", "/thing", { authorization: "Bearer t", host })), [421, "HOST_REFUSED"], host);
  }
});

test("a socket with a cookie is taken from our own page alone", async (context) => {
  const { origin, cookie } = await serve(context);
  const statusOf = (headers: Record<string, string>) =>
    new Promise<number>((resolve) => {
      const socket = new WebSocket(`${origin.replace("http", "ws")}/stream`, { headers });
      socket.on("unexpected-response", (_request, response) => resolve(response.statusCode ?? 0));
      socket.on("open", () => resolve(101));
      socket.on("error", () => {});
      context.after(() => socket.terminate());
    });
  equal(await statusOf({ cookie, origin }), 101);
  equal(await statusOf({ authorization: "Bearer t" }), 101);
  equal(await statusOf({ cookie }), 403);
  equal(await statusOf({ cookie, origin: "https://evil.example" }), 403);
  equal(await statusOf({ origin }), 401);
});

async function serve(context: TestContext) {
  const sessions = new BrowserSessions(Buffer.alloc(32, 1), systemClock);
  const server = new ApiServer({ port: 0, token: "t", sessions, onSocket: () => () => {} });
  context.after(() => server.close());
  addPageRoutes(server.app, sessions, server.access);
  server.app.get("/healthz", () => ({ ok: true }));
  server.app.get("/thing", () => ({}));
  server.app.post("/thing", () => ({}));
  const origin = await server.listen();
  const { session = "" } = sessions.redeem(sessions.ticket(me)) ?? {};
  /** `node:http`, which sends a path and a Host as they are given. */
  const ask = async (method: string, path: string, headers: Record<string, string> = {}) => {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const { hostname, port } = new URL(origin);
      request({ hostname, port, path, method, headers, agent: false }, resolve).on("error", reject).end();
    });
    const body = answer.statusCode === 303 ? {} : await json(answer).catch(() => ({}));
    return { status: answer.statusCode, headers: answer.headers, body: body as { code?: string } };
  };
  return { ask, origin, cookie: `${server.access.cookieName}=${session}`, ticket: () => sessions.ticket(me) };
}

async function codeOf(asked: Promise<{ status: number | undefined; body: { code?: string } }>) {
  const { status, body } = await asked;
  return [status, body.code];
}
