import { deepEqual, equal, rejects } from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";
import type { Engine } from "../engine/engine.ts";
import { engineDefaults } from "../engine/options.ts";
import { emptyState } from "../engine/state.ts";
import { ManualClock } from "../lib/manual-clock.testing.ts";
import { decodeFrame, encodeFrame, type FromNode, linkVersion, type ToNode } from "../model/link.ts";
import type { LinkSocket } from "../model/link-socket.ts";
import { NodeLinks } from "./node-link.ts";
import { relinkMs } from "./questions.ts";

/** A node's end of its link. */
class NodeEnd extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  readonly heard: ToNode[] = [];

  send(text: string): void {
    const frame = decodeFrame<ToNode>(text);
    if (frame) this.heard.push(frame);
  }

  say(frame: FromNode): void {
    this.emit("message", encodeFrame(frame));
  }

  terminate(): void {
    this.readyState = 3;
    this.emit("close");
  }

  close(): void {
    this.terminate();
  }

  get asked(): number[] {
    return this.heard.flatMap((frame) => (frame.type === "ask" ? [frame.ask] : []));
  }
}

function machine() {
  const clock = new ManualClock();
  const engine = { state: emptyState(), options: engineDefaults, subscribe: () => {}, submit: async () => [] };
  const parts = { onChange: () => {}, onUnlinked: () => {}, onHeartbeat: () => {} };
  const links = new NodeLinks({ engine: engine as unknown as Engine, clock, ...parts });
  const join = async () => {
    const node = new NodeEnd();
    links.accept(node as unknown as LinkSocket);
    node.say({ type: "hello", version: linkVersion, node: "n1", pid: 7, cores: 1, agents: [], attempts: [] });
    await new Promise((resolve) => setImmediate(resolve));
    return node;
  };
  return { clock, links, join };
}

test("a question is asked again over the next link when the node was silent for too long, and answered once", async () => {
  const { clock, links, join } = machine();
  const first = await join();
  const answer = links.ask({ type: "providers" });
  deepEqual(first.asked, [1]);
  // It has too much to do to say that it lives.
  clock.pass(10_000);
  equal(links.isLinked("n1"), false);
  const second = await join();
  deepEqual(second.asked, [1]);
  second.say({ type: "answer", ask: 1, value: [] });
  second.say({ type: "answer", ask: 1, value: ["late"] });
  deepEqual(await answer, []);
});

test("what would be done or paid twice is refused when the link breaks, and so is all where no node comes", async () => {
  const { clock, links, join } = machine();
  const node = await join();
  const steered = rejects(links.ask({ type: "steer", agent: "a", text: "go" }), { code: "NODE_UNREACHABLE" });
  const asked = rejects(links.ask({ type: "providers" }), { code: "NODE_UNREACHABLE", message: /link/ });
  node.terminate();
  await steered;
  clock.pass(relinkMs);
  await asked;
  equal(clock.passToNext(), false, "a timer was left");
});

test("a question that waits for a node is refused when godel goes down", async () => {
  const { links, join } = machine();
  const first = await join();
  const [waiting, asked] = [links.ask({ type: "providers" }), () => links.ask({ type: "providers" })];
  first.terminate();
  const refused = rejects(waiting, { code: "NODE_UNREACHABLE", message: /going down/ });
  const second = await join();
  second.terminate();
  links.leave();
  await refused;
  await rejects(async () => asked(), { code: "NODE_UNREACHABLE" });
});
