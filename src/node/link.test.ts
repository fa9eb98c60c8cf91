import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../lib/clock.ts";
import type { LinkSocket } from "../model/link-socket.ts";
import { Link } from "./link.ts";

class Socket implements LinkSocket {
  readyState = 1;
  readonly OPEN = 1;
  bufferedAmount = 0;
  readonly sent: string[] = [];
  ended = false;
  readonly #listeners = new Map<string, (data: unknown) => void>();

  send(frame: string): void {
    this.sent.push(frame);
  }
  close(): void {}
  terminate(): void {
    this.ended = true;
    this.readyState = 3;
    this.emit("close");
  }
  on(event: string, listener: (data: unknown) => void): void {
    this.#listeners.set(event, listener);
  }
  emit(event: string, data?: unknown): void {
    this.#listeners.get(event)?.(data);
  }
}

const hello = { type: "hello", version: 1, node: "n1", pid: 1, cores: 1, agents: [], attempts: [] } as const;
const handlers = { hello: () => ({ ...hello, agents: [], attempts: [] }), onWelcome() {}, onFrame() {}, onDown() {} };

/** A link whose world is in the hands of a test. */
function openLink({ engineIsUp }: { engineIsUp: boolean }) {
  const sockets: Socket[] = [];
  const retries = new Set<() => void>();
  const comings = new Set<() => void>();
  const among = (tasks: Set<() => void>, task: () => void) => {
    tasks.add(task);
    return () => void tasks.delete(task);
  };
  const world = {
    engineIsUp,
    connect() {
      if (!world.engineIsUp) return null;
      const socket = new Socket();
      sockets.push(socket);
      return socket;
    },
    onEngine: (task: () => void) => among(comings, task),
  };
  const clock = { ...systemClock, after: (_: number, task: () => void) => among(retries, task) };
  const link = new Link(world, handlers, clock);
  link.start();
  const call = (tasks: Set<() => void>) => {
    for (const task of [...tasks]) task();
  };
  return { link, sockets, world, retries, comings, pass: () => call(retries), come: () => call(comings) };
}

test("an engine that does not read is cut off once too much waits for it, and looked for again", () => {
  const { link, sockets, pass } = openLink({ engineIsUp: true });
  const report = { type: "report", seq: 1, report: { type: "attemptVerifying", attempt: "t/a/1" } } as const;
  link.send(report);
  const [first] = sockets;
  if (!first) throw new Error("it has not connected");
  equal(first.sent.length, 1);
  first.bufferedAmount = (16 << 20) + 1;
  link.send(report);
  deepEqual([first.sent.length, first.ended], [1, true]);
  pass();
  equal(sockets.length, 2);
});

test("an engine that comes is linked to at once, and neither time nor a second word brings another connection", () => {
  const { sockets, world, retries, comings, pass, come } = openLink({ engineIsUp: false });
  pass();
  deepEqual([sockets.length, retries.size, comings.size], [0, 1, 1]);
  world.engineIsUp = true;
  come();
  deepEqual([sockets.length, retries.size, comings.size], [1, 0, 0]);
});
