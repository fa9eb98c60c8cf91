import { deepEqual, equal, match, ok } from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setImmediate as soon } from "node:timers/promises";
import WebSocket from "ws";
import { ManualClock } from "../lib/manual-clock.testing.ts";
import { journaled, openApiServer, putToWork } from "./api.testing.ts";
import { FrameSocket } from "./frame-socket.ts";
import { Frames } from "./frames.ts";
import { Streams, statusEveryMs } from "./stream.ts";
import type { StreamFrame } from "./wire.ts";

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

test("a WebSocket that takes nothing is cut off, is told so when it reads on, and then misses nothing", async (context) => {
  const clock = new ManualClock();
  const activities = new Map<string, string>();
  const readers: FrameSocket[] = [];
  const api = await openApiServer(context, {
    onSocket: (_path, query) => (socket, connection) => {
      const reader = new FrameSocket(socket, connection);
      readers.push(reader);
      void streams.watch(reader, { team: "t1", from: BigInt(query.get("from") ?? "0") });
    },
  });
  const { engine, url } = api;
  const links = { activities, reservedOf: () => 0, parkedOf: () => [] };
  const streams = new Streams({ engine, links, clock }, { maxBacklogBytes: 100_000, patienceMs: 60_000 });
  await putToWork(engine);
  const slow = reading(context, url, "0");
  await slow.begun;
  slow.socket.pause();
  const [agent = ""] = engine.state.agents.keys();
  // More than the system holds on its way, which is some MB.
  for (let i = 0; readers[0]?.readyState === 1; i++) {
    activities.set(agent, String(i % 10).repeat(200_000));
    await engine.submit({ type: i % 2 === 0 ? "pauseTeam" : "resumeTeam", team: "t1" });
    clock.pass(statusEveryMs);
    ok(i < 1_000, "it is never cut off");
    await soon();
  }
  slow.socket.resume();
  const [code, why] = await slow.ended;
  equal(code, 1013);
  match(why, /^too slow; go on from the last seq, up to \d+$/);
  const again = reading(context, url, slow.last());
  await again.begun;
  deepEqual([...slow.events, ...again.events], await journaled(engine, "t1"));
  equal(again.last(), String(engine.seq));
});

/** A reader of the stream: numbers of the events that it got, in order. */
function reading(context: TestContext, url: string, from: string) {
  const socket = new WebSocket(`${url.replace("http", "ws")}/x?from=${from}`, {
    headers: { authorization: "Bearer t" },
  });
  context.after(() => socket.terminate());
  const events: number[] = [];
  let last = from;
  const ended = new Promise<[number, string]>((resolve) =>
    socket.on("close", (code, reason) => resolve([code, String(reason)])),
  );
  const begun = new Promise<void>((resolve, reject) => {
    socket.on("error", reject);
    socket.on("message", (data) => {
      const frame = JSON.parse(String(data)) as StreamFrame;
      last = frame.seq;
      if (frame.type === "event") events.push(Number(frame.seq));
      if (frame.type === "status") resolve();
    });
  });
  return { socket, events, begun, ended, last: () => last };
}
