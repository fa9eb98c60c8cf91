import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import WebSocket from "ws";
import { openApiServer } from "./api.testing.ts";
import { FrameSocket } from "./frame-socket.ts";
import { Frames } from "./frames.ts";

test("frames of any length arrive at a WebSocket one by one as they are, also beside what `ws` sends itself", async (context) => {
  const texts = [0, 1, 125, 126, 127, 65_535, 65_536, 200_000].map(
    (length) => "é".repeat(length / 2) + "x".repeat(length % 2),
  );
  const { url } = await openApiServer(context, {
    onSocket: () => (socket, connection) => {
      const reader = new FrameSocket(socket, connection);
      reader.cork();
      reader.send(new Frames(texts));
      socket.ping("are you there");
      socket.send("in between");
      reader.send(new Frames(["last"]));
      reader.uncork();
      reader.close(1013, "why");
    },
  });
  const got: string[] = [];
  const socket = new WebSocket(`${url.replace("http", "ws")}/x`, { headers: { authorization: "Bearer t" } });
  socket.on("message", (data) => got.push(String(data)));
  const [code, reason] = await new Promise<[number, string]>((resolve, reject) => {
    socket.on("close", (code, reason) => resolve([code, String(reason)]));
    socket.on("error", reject);
  });
  deepEqual(got, [...texts, "in between", "last"]);
  deepEqual([code, reason], [1013, "why"]);
});

test("however many take them, frames are put together once for each kind of connection", () => {
  const frames = new Frames(['{"type":"gap","seq":"1"}']);
  equal(frames.messages, frames.messages);
  equal(frames.serverEvents, frames.serverEvents);
});
