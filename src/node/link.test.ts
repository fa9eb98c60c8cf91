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

test("an engine that does not read is cut off once too much waits for it, and looked for again", () => {
  const sockets: Socket[] = [];
  const retries: (() => void)[] = [];
  const after = (_: number, task: () => void) => {
    retries.push(task);
    return () => {};
  };
  const clock = { ...systemClock, after };
  const connect = () => {
    const socket = new Socket();
    sockets.push(socket);
    return socket;
  };
  const hello = { type: "hello", version: 1, node: "n1", pid: 1, cores: 1, agents: [], attempts: [] } as const;
  const handlers = { hello: () => ({ ...hello, agents: [], attempts: [] }), onWelcome() {}, onFrame() {}, onDown() {} };
  const link = new Link(connect, handlers, clock);
  link.start();
  const report = { type: "report", seq: 1, report: { type: "attemptVerifying", attempt: "t/a/1" } } as const;
  link.send(report);
  const [first] = sockets;
  if (!first) throw new Error("it has not connected");
  equal(first.sent.length, 1);
  first.bufferedAmount = (16 << 20) + 1;
  link.send(report);
  deepEqual([first.sent.length, first.ended], [1, true]);
  retries.shift()?.();
  equal(sockets.length, 2);
});
