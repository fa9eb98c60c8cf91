import { deepEqual, equal, match, throws } from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setImmediate as soon } from "node:timers/promises";
import { Engine } from "../engine/engine.ts";
import { planOf, teamSpec } from "../engine/fleet.testing.ts";
import { MemoryStore, openMemoryJournal } from "../journal/index.ts";
import { systemClock } from "../lib/clock.ts";
import { ManualClock } from "../lib/manual-clock.testing.ts";
import fc from "../lib/properties.testing.ts";
import { seededRandom } from "../lib/random.ts";
import { journaled } from "./api.testing.ts";
import type { Frames } from "./frames.ts";
import { readerLimits } from "./reader.ts";
import { gatherMs, Streams, statusEveryMs, type WatchedSocket } from "./stream.ts";
import type { StreamFrame } from "./wire.ts";

async function opened(context: TestContext, limits = readerLimits) {
  const store = new MemoryStore();
  const onFatal = (error: unknown) => {
    throw error;
  };
  const options = { snapshotEvery: 1_000_000 };
  const random = seededRandom(1);
  const journal = openMemoryJournal(store);
  const engine = await Engine.open({ journal, clock: systemClock, random, options, onFatal });
  context.after(() => engine.close());
  const links = { activities: new Map<string, string>(), reservedOf: () => 0, parkedOf: () => [] };
  const clock = new ManualClock();
  const streams = new Streams({ engine, links, clock }, limits);
  for (const id of ["t1", "t2"]) {
    await engine.submit({ type: "createTeam", team: teamSpec({ id, name: id }), plan: planOf({ a: [], b: ["a"] }) });
  }
  let count = 0;
  const happen = (team = "t1") => engine.submit({ type: "scaleTeam", team, desired: 3 + (++count % 9) });
  return { engine, streams, links, journal, happen, clock };
}

class Socket implements WatchedSocket {
  readonly OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;
  /** A reader that reads nothing: what it is sent stays. */
  stuck = false;
  readonly sent: Frames[] = [];
  closed: [code: number, reason: string] | null = null;
  readonly frames: StreamFrame[] = [];
  #onClose = () => {};

  send(frames: Frames, onSent?: () => void): void {
    const { texts, messages } = frames;
    this.sent.push(frames);
    for (const text of texts) this.frames.push(JSON.parse(text));
    if (this.stuck) this.bufferedAmount += messages.length;
    else onSent?.();
  }

  close(code: number, reason: string): void {
    this.readyState = 3;
    this.closed = [code, reason];
    this.#onClose();
  }

  terminate(): void {}

  on(event: "close" | "error", listener: () => void): void {
    if (event === "close") this.#onClose = listener;
  }

  get writes(): number {
    return this.sent.length;
  }

  get seqs(): number[] {
    return this.frames.flatMap((frame) => (frame.type === "event" ? [Number(frame.seq)] : []));
  }

  get lastSeq(): bigint {
    return BigInt(this.frames.at(-1)?.seq ?? 0);
  }
}

test("a reader who goes on from a number is first sent what it missed of its team, then a status, then what comes", async (context) => {
  const { engine, streams, happen, clock } = await opened(context);
  const socket = new Socket();
  await streams.watch(socket, { team: "t1", from: 0n });
  equal(socket.frames.at(-1)?.type, "status");
  await happen();
  await happen("t2");
  clock.pass(gatherMs);
  deepEqual(socket.seqs, await journaled(engine, "t1"));
});

test("wherever a reader is cut, it misses nothing and is sent nothing twice when it goes on from the last number it has", async (context) => {
  const { engine, streams, happen, clock } = await opened(context);
  const step = fc.constantFrom("happen", "other", "pass", "cut");
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const start = engine.seq;
      const got: number[] = [];
      let socket = new Socket();
      await streams.watch(socket, { team: "t1", from: start });
      for (const step of [...steps, "cut"]) {
        // What gathered is sent now, or with what follows, or read by the next connection.
        if (step === "pass") clock.pass(gatherMs);
        if (step === "happen" || step === "other") await happen(step === "other" ? "t2" : "t1");
        if (step !== "cut") continue;
        got.push(...socket.seqs);
        const from = socket.lastSeq;
        socket.close(1000, "");
        socket = new Socket();
        // It happens while the reader is away, and while the history is read.
        await happen();
        const watching = streams.watch(socket, { team: "t1", from: from });
        await Promise.all([watching, happen(), happen("t2")]);
      }
      clock.pass(gatherMs);
      got.push(...socket.seqs);
      socket.close(1000, "");
      deepEqual(
        got,
        (await journaled(engine, "t1")).filter((seq) => seq > Number(start)),
      );
    }),
    { numRuns: 30 },
  );
});

test("events that come close together are sent in one write, encoded once, to each reader those that it asked for", async (context) => {
  const { streams, happen, clock } = await opened(context);
  const [all, twin, some, other] = [new Socket(), new Socket(), new Socket(), new Socket()];
  await streams.watch(all, { team: "t1", from: null });
  await streams.watch(twin, { team: "t1", from: null });
  await streams.watch(some, { team: "t1", from: null, status: false, types: new Set(["teamPaused"]) });
  await streams.watch(other, { team: "t2", from: null, status: false });
  await happen();
  clock.pass(0);
  const before = all.writes;
  for (let i = 0; i < 5; i++) await happen();
  clock.pass(gatherMs - 1);
  equal(all.writes, before);
  clock.pass(1);
  deepEqual([all.writes, all.seqs.length], [before + 1, 6]);
  equal(all.sent.at(-1), twin.sent.at(-1));
  deepEqual([some.writes, other.writes], [0, 0]);
});

test("the first status of a reader says what all agents do, the next ones only what changed since", async (context) => {
  const { engine, streams, links, happen, clock } = await opened(context);
  await engine.submit({ type: "joinNode", node: "n1", pid: 1, cores: 2, agents: [], attempts: [] });
  const [one = "", two = ""] = [...engine.state.agents.values()].flatMap(({ id, team }) => (team === "t1" ? [id] : []));
  links.activities.set(one, "reads").set(two, "reads");
  const early = new Socket();
  await streams.watch(early, { team: "t1", from: null });
  links.activities.set(two, "writes");
  const late = new Socket();
  await streams.watch(late, { team: "t1", from: null });
  links.activities.delete(one);
  streams.touch();
  clock.pass(statusEveryMs);
  streams.touch();
  clock.pass(statusEveryMs);
  const told = ({ frames }: Socket) => frames.flatMap((frame) => (frame.type === "status" ? [frame.activities] : []));
  const [gone, writes] = [
    { agent: one, text: "" },
    { agent: two, text: "writes" },
  ];
  deepEqual(told(early), [
    [
      { agent: one, text: "reads" },
      { agent: two, text: "reads" },
    ],
    [gone, writes],
    [],
  ]);
  deepEqual(told(late).slice(0, 2), [[{ agent: one, text: "reads" }, writes], [gone]]);
  // After a cut, all again.
  early.close(1000, "");
  await happen();
  const again = new Socket();
  await streams.watch(again, { team: "t1", from: early.lastSeq });
  deepEqual(told(again), [[writes]]);
});

test("a reader that takes nothing is cut off once it lags too far behind, and is told from where to go on", async (context) => {
  const { engine, streams, happen, clock } = await opened(context, { maxBacklogBytes: 5_000, patienceMs: 60_000 });
  const [slow, quick] = [new Socket(), new Socket()];
  slow.stuck = true;
  await streams.watch(slow, { team: "t1", from: null });
  await streams.watch(quick, { team: "t1", from: null });
  for (let i = 0; i < 200; i++) {
    await happen();
    clock.pass(gatherMs);
  }
  equal(slow.closed?.[0], 1013);
  match(slow.closed?.[1] ?? "", /^too slow; go on from the last seq, up to \d+$/);
  equal(quick.closed, null);
  equal(slow.bufferedAmount < 7_000, true, `${slow.bufferedAmount} bytes are held`);

  const again = new Socket();
  await streams.watch(again, { team: "t1", from: slow.lastSeq });
  deepEqual([...slow.seqs, ...again.seqs], quick.seqs);
  equal(again.lastSeq, engine.seq);
});

test("a history that a reader does not take ends with its patience, and not before", async (context) => {
  const { streams, happen, clock } = await opened(context, { maxBacklogBytes: 2_000, patienceMs: 10 });
  for (let i = 0; i < 100; i++) await happen();
  const socket = new Socket();
  socket.stuck = true;
  const watching = streams.watch(socket, { team: "t1", from: 0n });
  while (clock.pending === 0) await soon();
  clock.pass(9);
  equal(socket.closed, null);
  clock.pass(1);
  await watching;
  equal((socket.closed as [number] | null)?.[0], 1013);
});

test("a number that is kept no more, or not reached yet, is answered with the gap and how things stand now", async (context) => {
  const { engine, streams, journal, happen } = await opened(context);
  for (let i = 0; i < 5; i++) await happen();
  const chunks = (async function* () {})();
  await journal.saveSnapshot(engine.state.epoch, engine.seq, chunks);
  await journal.truncate(engine.state.epoch, engine.seq);
  await happen();
  for (const from of [1n, 1_000_000n]) {
    const socket = new Socket();
    await streams.watch(socket, { team: "t1", from: from });
    deepEqual(
      socket.frames.map(({ type }) => type),
      ["gap", "status"],
    );
  }
});

test("there is room for five hundred readers, and for one more when one of them goes", async (context) => {
  const { streams } = await opened(context);
  const sockets = Array.from({ length: 500 }, () => new Socket());
  for (const socket of sockets) {
    streams.checkRoom();
    await streams.watch(socket, { team: "t1", from: null });
  }
  throws(() => streams.checkRoom(), { code: "OVERLOADED" });
  sockets[7]?.close(1000, "");
  streams.checkRoom();
  equal(streams.readers, 499);
});
