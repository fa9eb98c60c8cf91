/** What somebody tries who means ill, or a program that has gone wrong, against the shipped server. */
import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { setImmediate as soon } from "node:timers/promises";
import { WebSocket } from "ws";
import { openApiServer, putToWork } from "./api.testing.ts";
import { type OperationName, paths, placeOf } from "./operations/paths.ts";

/** A connection, and all that it was sent by the time that it ended. */
function raw(context: TestContext, url: string) {
  const { hostname, port } = new URL(url);
  const socket: Socket = connect(Number(port), hostname);
  let got = "";
  socket.setEncoding("latin1").on("data", (chunk: string) => (got += chunk));
  socket.on("error", () => {});
  context.after(() => socket.destroy());
  const ended = new Promise<string>((resolve) => socket.on("close", () => resolve(got)));
  return { socket, ended };
}

test("no operation is done without a token, or with one that is none", async (context) => {
  const { engine, ask } = await openApiServer(context);
  await putToWork(engine);
  const seq = engine.seq;
  for (const name of Object.keys(paths) as OperationName[]) {
    const { method, path } = placeOf(name);
    for (const authorization of ["", "Bearer", "Bearer ", "Bearer t t", "Basic dDo=", "t", "Bearer godel_x_y"]) {
      const body = method === "POST" ? {} : undefined;
      const { status, body: problem } = await ask(method, path.replace(/:\w+/, "one"), {
        headers: { authorization },
        body,
      });
      deepEqual([status, problem.code], [401, "UNAUTHORIZED"], `${name} ${authorization}`);
    }
  }
  equal((await ask("POST", "/mcp", { headers: { authorization: "" }, body: {} })).status, 401);
  equal(engine.seq, seq);
});

test("no path leads out of the files of the page, nor past the token", async (context) => {
  const { ask } = await openApiServer(context);
  const headers = { authorization: "" };
  for (const path of [
    "/assets/../../package.json",
    "/assets/..%2f..%2fpackage.json",
    "/assets/%2e%2e/%2e%2e/package.json",
    "/assets/....//package.json",
    "/assets/..\\..\\package.json",
    "/assets/%00",
    "/assets/.env",
    "/healthz/../api/v1/teams",
    "/docs/../api/v1/teams",
    "//api/v1/teams",
    "/API/v1/teams",
    "/api/v1/teams/",
    "/api%2fv1%2fteams",
  ]) {
    const { status, text } = await ask("GET", path, { headers });
    notEqual(status, 200, path);
    equal(/"dependencies"|"items"/.test(text), false, path);
  }
});

test("a file of the page that is not there is said to be so, and not made up for by another", async (context) => {
  const { ask } = await openApiServer(context);
  const { status, body } = await ask("GET", "/assets/none-1.js", { headers: { authorization: "" } });
  deepEqual([status, body.code], [503, "DASHBOARD_NOT_BUILT"]);
});

test("what a caller sends never becomes a header or a second answer", async (context) => {
  const { engine, ask, url } = await openApiServer(context);
  await putToWork(engine);
  for (const name of ["a%0d%0aset-cookie:%20x=y", "a%0aHTTP/1.1%20200", "%e2%80%a8", "%00"]) {
    const reply = await ask("GET", `/api/v1/teams/${name}`);
    deepEqual([reply.status, reply.headers["set-cookie"]], [404, undefined]);
  }
  const { port } = new URL(url);
  // Two lengths, or a length beside chunks: a proxy and we might see two different requests.
  for (const odd of ["Content-Length: 2\r\nContent-Length: 7", "Content-Length: 2\r\nTransfer-Encoding: chunked"]) {
    const { socket, ended } = raw(context, url);
    const head = `POST /api/v1/teams/one/pause HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer t`;
    socket.write(`${head}\r\nContent-Type: application/json\r\n${odd}\r\n\r\n{}GET / HTTP/1.1\r\n\r\n`);
    match(await ended, /^HTTP\/1\.1 400 /);
  }
  equal(engine.state.teams.get("t1")?.state, "running");
});

test("an answer tells a browser not to guess, not to frame and not to keep", async (context) => {
  const { ask, sessions } = await openApiServer(context);
  const opened = await ask("GET", `/open?ticket=${sessions.ticket({ id: "engine", role: "viewer" })}`);
  equal(opened.headers["cache-control"], "no-store");
  match(String(opened.headers["content-security-policy"]), /frame-ancestors 'none'/);
  const read = await ask("GET", "/api/v1/teams");
  equal(read.headers["cache-control"], "private, no-cache");
  equal(read.headers["access-control-allow-origin"], undefined);
});

test("whoever sends a head or a body drop by drop is let go, and others are answered meanwhile", async (context) => {
  const { ask, url, server } = await openApiServer(context, { patience: { headersMs: 300, requestMs: 600 } });
  const { port } = new URL(url);
  const slow = [
    `GET /api/v1/teams HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nX: `,
    `POST /api/v1/plans HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer t\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`,
  ];
  const all = slow.map((text) => {
    const { socket, ended } = raw(context, url);
    socket.write(text);
    return ended;
  });
  equal((await ask("GET", "/api/v1/teams")).status, 200);
  for (const answer of await Promise.all(all)) match(answer, /^(?:HTTP\/1\.1 408 |$)/);
  ok(server);
});

/** Ten thousand: `npm run bench -- api`. */
test("a thousand connections that do nothing keep nobody out, and one over the bound is told so and closed", async (context) => {
  const count = 1_000;
  const { ask, url, server } = await openApiServer(context, { maxConnections: count + 1 });
  const open = () =>
    new Promise<number>((resolve) => server.app.server.getConnections((_error, connections) => resolve(connections)));
  const idle = Array.from({ length: count }, () => raw(context, url));
  await Promise.all(idle.map(({ socket }) => new Promise((resolve) => socket.once("connect", resolve))));
  equal((await ask("GET", "/api/v1/teams")).status, 200);
  // That one has to be gone before there is room for one more.
  while ((await open()) > count) await soon();
  const last = raw(context, url);
  await new Promise((resolve) => last.socket.once("connect", resolve));
  const { host } = new URL(url);
  const asking = `Host: ${host}\r\nAuthorization: Bearer t\r\n`;
  const [over, upgrade] = [raw(context, url), raw(context, url)];
  over.socket.write(`GET /api/v1/teams HTTP/1.1\r\n${asking}\r\n`);
  match(await over.ended, /^HTTP\/1\.1 503 .*\r\nconnection: close\r\n.*"code":"OVERLOADED"/s);
  upgrade.socket.write(`GET /api/v1/stream HTTP/1.1\r\n${asking}${upgradeHeaders}\r\n`);
  match(await upgrade.ended, /^HTTP\/1\.1 503 .*"code":"OVERLOADED"/s);
  last.socket.write(`GET /api/v1/teams HTTP/1.1\r\n${asking}Connection: close\r\n\r\n`);
  match(await last.ended, /^HTTP\/1\.1 200 /);
  for (const { socket } of idle) socket.destroy();
});

const upgradeHeaders =
  "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MTIzNDU2Nzg5MDEyMzQ1Ng==\r\n";

test("a socket of another site and of nobody is refused, and one that says too much is closed", async (context) => {
  const { url, tokens } = await openApiServer(context, { onSocket: () => (socket) => socket.on("error", () => {}) });
  const statusOf = (headers: Record<string, string>) =>
    new Promise<number>((resolve) => {
      const socket = new WebSocket(`${url.replace("http", "ws")}/api/v1/stream`, { headers });
      socket.on("unexpected-response", (_request, response) => resolve(response.statusCode ?? 0));
      socket.on("open", () => resolve(101));
      socket.on("error", () => {});
      context.after(() => socket.terminate());
    });
  const { token } = tokens.create({ role: "viewer" });
  equal(await statusOf({ authorization: `Bearer ${token}` }), 101);
  const talker = new WebSocket(`${url.replace("http", "ws")}/api/v1/stream`, {
    headers: { authorization: `Bearer ${token}` },
  });
  talker.on("open", () => talker.send("x".repeat(70_000)));
  equal(await new Promise((resolve) => talker.on("close", resolve)), 1009);
  equal(await statusOf({ authorization: `Bearer ${token}`, origin: "https://evil.example" }), 403);
  equal(await statusOf({ authorization: `Bearer ${token}`, host: "evil.example" }), 421);
  equal(await statusOf({}), 401);
});
