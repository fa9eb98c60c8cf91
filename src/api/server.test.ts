import { deepEqual } from "node:assert/strict";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { json } from "node:stream/consumers";
import { test } from "node:test";
import { systemClock } from "../lib/clock.ts";
import { BrowserSessions } from "./browser-sessions.ts";
import { ApiServer } from "./server.ts";

test("a body above the bound is refused before it is sent, with the bound", async (context) => {
  const server = new ApiServer({
    port: 0,
    token: "t",
    sessions: new BrowserSessions(Buffer.alloc(32), systemClock),
    onSocket: () => null,
  });
  context.after(() => server.close());
  server.app.post("/", async () => ({}));
  const url = await server.listen();
  const answerTo = async (length: number, body = "") => {
    const headers = { authorization: "Bearer t", "content-type": "application/json", "content-length": length };
    const asked = request(url, { method: "POST", headers });
    asked.flushHeaders();
    if (body !== "") asked.end(body);
    const [answer]: IncomingMessage[] = (await once(asked, "response")) as [IncomingMessage];
    const { code } = (await json(answer as IncomingMessage)) as { code?: string };
    asked.destroy();
    return [answer?.statusCode, code];
  };
  deepEqual(await answerTo((64 << 20) + 1), [413, "REQUEST_TOO_LARGE"]);
  deepEqual(await answerTo(2, "{}"), [200, undefined]);
});
