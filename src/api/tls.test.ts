/** The listener beyond loopback, with a certificate of its own making. */
import { deepEqual, equal, throws } from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { connect as connectTls } from "node:tls";
import { WebSocket } from "ws";
import { systemClock } from "../lib/clock.ts";
import { openApiServer, putToWork } from "./api.testing.ts";
import { BrowserSessions } from "./browser-sessions.ts";
import { FrameSocket } from "./frame-socket.ts";
import { apiDefaults } from "./options.ts";
import { ApiServer } from "./server.ts";
import type { StreamFrame } from "./wire.ts";

/** An address of loopback where nothing else listens, so that a port that is free there stays free. */
const host = "127.86.3.1";

function certificate(context: TestContext) {
  const dir = mkdtempSync(join(tmpdir(), "godel-tls-"));
  context.after(() => rmSync(dir, { recursive: true }));
  const [certFile, keyFile] = [join(dir, "cert.pem"), join(dir, "key.pem")];
  const kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1"];
  const about = ["-subj", "/CN=godel", "-addext", `subjectAltName=IP:${host}`];
  execFileSync("openssl", ["req", ...kind, ...about, "-keyout", keyFile, "-out", certFile], { stdio: "pipe" });
  return { certFile, keyFile, ca: readFileSync(certFile) };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await once(server.close(), "close");
  return port;
}

async function opened(context: TestContext) {
  const { ca, ...files } = certificate(context);
  const port = await freePort();
  const api = await openApiServer(context, {
    outside: { ...apiDefaults, ...files, host, port },
    patience: { headersMs: 400, requestMs: 1_000 },
    onSocket: () => (socket, connection) =>
      void api.streams.watch(new FrameSocket(socket, connection), { team: "t1", from: 0n }),
  });
  await putToWork(api.engine);
  const ask = (headers: Record<string, string>) =>
    new Promise<[number | undefined, string]>((resolve, reject) => {
      // Whatever name is asked for, it is this certificate that is shown.
      const trust = { ca, checkServerIdentity: () => undefined };
      const sent = request({ host, port, ...trust, path: "/api/v1/teams", headers, agent: false }, async (answer) =>
        resolve([answer.statusCode, await text(answer)]),
      );
      sent.on("error", reject).end();
    });
  return { ...api, ca, port, outsideAsk: ask };
}

test("beyond loopback the API speaks TLS, with the same tokens and the same checks of names", async (context) => {
  const { outsideAsk, tokens } = await opened(context);
  const { token } = tokens.create({ role: "viewer" });
  const codeOf = ([status, body]: [number | undefined, string]) => [status, JSON.parse(body).code];
  deepEqual(codeOf(await outsideAsk({ authorization: `Bearer ${token}` })), [200, undefined]);
  deepEqual(codeOf(await outsideAsk({})), [401, "UNAUTHORIZED"]);
  deepEqual(codeOf(await outsideAsk({ authorization: `Bearer ${token}`, host: "evil.example" })), [
    421,
    "HOST_REFUSED",
  ]);
  const origin = "https://evil.example";
  deepEqual(codeOf(await outsideAsk({ authorization: `Bearer ${token}`, origin })), [403, "ORIGIN_REFUSED"]);
});

test("the stream goes over TLS whole, and whoever does not speak TLS is let go", async (context) => {
  const { engine, ca, port } = await opened(context);
  const socket = new WebSocket(`wss://${host}:${port}/api/v1/stream`, { ca, headers: { authorization: "Bearer t" } });
  context.after(() => socket.terminate());
  const frames: StreamFrame[] = [];
  await new Promise<void>((resolve, reject) => {
    socket.on("error", reject);
    socket.on("message", (data) => {
      const frame = JSON.parse(String(data)) as StreamFrame;
      frames.push(frame);
      if (frame.type === "status") resolve();
    });
  });
  equal(frames[0]?.type === "event" && frames[0].event.type, "teamCreated");
  equal(frames.at(-1)?.seq, String(engine.seq));
  // Plain HTTP is no handshake; silence may last as long as a head, and so may a head that never ends.
  const half = "GET / HTTP/1.1\r\nX: ";
  const slow: [Socket, string][] = [
    [connect(port, host), `${half}\r\n\r\n`],
    [connect(port, host), ""],
    [connectTls({ port, host, ca }), half],
  ];
  const ends = slow.map(async ([odd, said]) => {
    odd.on("error", () => {});
    odd.write(said);
    odd.resume();
    await once(odd, "close");
  });
  await Promise.all(ends);
});

test("a certificate that is none, or that belongs to another key, is refused before anything listens", async (context) => {
  const [one, other] = [certificate(context), certificate(context)];
  const outside = { ...apiDefaults, host, port: await freePort() };
  const junk = join(dirname(one.certFile), "junk.pem");
  writeFileSync(junk, "junk");
  const sessions = new BrowserSessions(Buffer.alloc(32), systemClock);
  for (const [certFile, keyFile] of [
    [junk, one.keyFile],
    [one.certFile, other.keyFile],
    [`${junk}.none`, one.keyFile],
  ] as const) {
    const options = { port: 0, token: "t", sessions, onSocket: () => null, outside: { ...outside, certFile, keyFile } };
    throws(() => new ApiServer(options), { code: "LISTEN_REFUSED" }, certFile);
  }
});
