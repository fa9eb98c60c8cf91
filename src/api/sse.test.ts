import { deepEqual, equal, match, ok } from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { setImmediate as soon } from "node:timers/promises";
import { ManualClock } from "../lib/manual-clock.testing.ts";
import { journaled, openApiServer, openEngine, putToWork } from "./api.testing.ts";
import { eventOf } from "./frames.ts";
import { SseSocket } from "./sse-socket.ts";
import { Streams, statusEveryMs } from "./stream.ts";

interface Sent {
  id: string;
  event: string;
  data: { type?: string; seq?: string; event?: { type: string }; code?: number };
}

/** A reader of server-sent events, by the rules of the standard as far as the engine uses them. */
function follow(context: TestContext, url: string, headers: Record<string, string> = {}) {
  const events: Sent[] = [];
  let [rest, wake] = ["", () => {}];
  let incoming: IncomingMessage | undefined;
  const sent = request(url, { headers: { authorization: "Bearer t", ...headers }, agent: false }, (answer) => {
    incoming = answer;
    answer.setEncoding("utf8").on("data", (chunk: string) => {
      const blocks = (rest + chunk).split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks) {
        const fields = Object.fromEntries(
          block.split("\n").map((line) => [line.split(":")[0], line.replace(/^\w*: ?/, "")]),
        );
        if (fields.data !== undefined)
          events.push({ id: fields.id ?? "", event: fields.event ?? "", data: JSON.parse(fields.data) });
      }
      wake();
    });
    answer.on("error", () => {});
  });
  sent.on("error", () => {});
  sent.end();
  context.after(() => sent.destroy());
  const until = async (seen: (events: Sent[]) => boolean) => {
    while (!seen(events)) await new Promise<void>((resolve) => (wake = resolve));
    return events;
  };
  return {
    events,
    until,
    cut: () => sent.destroy(),
    stop: () => incoming?.pause(),
    goOn: () => incoming?.resume(),
  };
}

const types = (events: Sent[]) => events.flatMap(({ data }) => (data.event ? [data.event.type] : []));

test("server-sent events tell what the stream tells, and go on from the last id after a cut", async (context) => {
  const { engine, url } = await openApiServer(context);
  await putToWork(engine);
  const first = follow(context, `${url}/api/v1/events?team=one&from=0`);
  const seen = await first.until((events) => events.at(-1)?.event === "status");
  equal(types(seen)[0], "teamCreated");
  for (const { id, event, data } of seen) deepEqual([data.seq, data.type], [id, event]);
  const last = seen.at(-1)?.id ?? "";
  first.cut();
  await engine.submit({ type: "pauseTeam", team: "t1" });
  const second = follow(context, `${url}/api/v1/events?team=one`, { "last-event-id": last });
  const missed = types(await second.until((events) => events.some(({ event }) => event === "status")));
  deepEqual([missed[0], missed.includes("teamCreated")], ["teamPaused", false]);
  await engine.submit({ type: "resumeTeam", team: "t1" });
  await second.until((events) => types(events).includes("teamResumed"));
});

test("a reader is sent the topics and the types of events that it asked for, and no others", async (context) => {
  const { engine, url, ask } = await openApiServer(context);
  await putToWork(engine);
  const some = follow(context, `${url}/api/v1/events?team=one&from=0&topics=event&types=teamPaused,attemptLeased`);
  await some.until((events) => types(events).includes("attemptLeased"));
  await engine.submit({ type: "pauseTeam", team: "t1" });
  const seen = await some.until((events) => types(events).includes("teamPaused"));
  deepEqual([...new Set(types(seen))], ["attemptLeased", "teamPaused"]);
  equal(
    seen.some(({ event }) => event === "status"),
    false,
  );
  for (const query of ["topics=nothing", "from=x"]) {
    equal((await ask("GET", `/api/v1/events?team=one&${query}`)).status, 400, query);
  }
  equal((await ask("GET", "/api/v1/events?team=none")).body.code, "TEAM_NOT_FOUND");
});

test("a reader that takes nothing is cut off, is told so when it reads on, and then misses nothing", async (context) => {
  const engine = await openEngine(context);
  await putToWork(engine);
  const clock = new ManualClock();
  const activities = new Map<string, string>();
  const links = { activities, reservedOf: () => 0, parkedOf: () => [] };
  const streams = new Streams({ engine, links, clock }, { maxBacklogBytes: 100_000, patienceMs: 60_000 });
  const sockets: SseSocket[] = [];
  const server = createServer(({ headers }, response) => {
    sockets.push(new SseSocket(response, clock));
    const from = BigInt(String(headers["last-event-id"]));
    void streams.watch(sockets.at(-1) as SseSocket, { team: "t1", from });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  context.after(() => server.close().closeAllConnections());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const start = engine.seq;
  const slow = follow(context, url, { "last-event-id": String(start) });
  await slow.until((events) => events.length > 0);
  slow.stop();
  const [agent = ""] = engine.state.agents.keys();
  // More than the system holds on its way, which is some MB.
  for (let i = 0; sockets[0]?.readyState === 1; i++) {
    activities.set(agent, String(i % 10).repeat(200_000));
    await engine.submit({ type: i % 2 === 0 ? "pauseTeam" : "resumeTeam", team: "t1" });
    clock.pass(statusEveryMs);
    ok(i < 1_000, "it is never cut off");
    await soon();
  }
  slow.goOn();
  const seen = await slow.until((events) => events.at(-1)?.event === "close");
  equal(seen.at(-1)?.data.code, 1013);
  const again = follow(context, url, { "last-event-id": seen.at(-2)?.id ?? "" });
  const rest = await again.until((events) => events.some(({ event }) => event === "status"));
  deepEqual(
    [...seen, ...rest].filter(({ event }) => event === "event").map(({ id }) => Number(id)),
    await journaled(engine, "t1", start),
  );
});

test("when the engine stops, readers are told so", async (context) => {
  const { engine, url, streams } = await openApiServer(context);
  await putToWork(engine);
  const reader = follow(context, `${url}/api/v1/events?team=one`);
  await reader.until((events) => events.length > 0);
  streams.close();
  const seen = await reader.until((events) => events.at(-1)?.event === "close");
  equal(seen.at(-1)?.data.code, 1001);
});

test("a frame is one event, named by its type, with its number as the id", () => {
  const frame = JSON.stringify({ type: "event", seq: "12", event: { type: "x", text: "a\nb" } });
  equal(eventOf(frame), `id: 12\nevent: event\ndata: ${frame}\n\n`);
  match(eventOf(frame), /^[^\n]*\n[^\n]*\n[^\n]*\n\n$/);
});
