import { equal } from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { systemClock } from "../lib/clock.ts";
import { demoTarget } from "./demo/model.ts";
import { Exchange } from "./exchange.ts";
import type { Grant } from "./grants.ts";
import { openProvider } from "./provider.testing.ts";
import { closeConnections, openConnections } from "./upstream.ts";

/** What the gateway writes to; its agent hangs up while the first bytes are being written. */
function hangingUp(): ServerResponse {
  const stream = new PassThrough();
  const write = () => stream.emit("close");
  return Object.assign(stream, { write, writeHead: () => {}, flushHeaders: () => {} }) as unknown as ServerResponse;
}

test("a request whose agent hangs up while the last bytes pass is settled once", async (t) => {
  const provider = await openProvider(t);
  const connections = openConnections(1);
  t.after(() => closeConnections(connections));
  // An answer in one piece: its end is on its way when the agent hangs up.
  provider.answer = (response) => response.writeHead(200, { "content-length": 2 }).end("{}");
  const answered = Promise.withResolvers<void>();
  let settled = 0;
  new Exchange({
    grant: { model: demoTarget, running: new Set() } as unknown as Grant,
    upstream: { baseUrl: provider.url, headers: {}, secrets: [] },
    url: provider.url,
    headers: {},
    body: Buffer.from("{}"),
    response: hangingUp(),
    connections,
    clock: systemClock,
    patience: { firstTokenMs: 10_000, stallMs: 10_000 },
    maxAnswerBytes: 1_000,
    onAccepted: () => {},
    onFirst: () => {},
    onEnded: () => {},
    onSettled: () => {
      settled++;
      // Everything that belongs to this turn is over by then.
      setImmediate(() => setImmediate(() => answered.resolve()));
    },
  });
  await answered.promise;
  equal(settled, 1);
});
