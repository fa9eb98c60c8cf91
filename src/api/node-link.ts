import { isNews } from "../engine/decide-node.ts";
import type { Engine } from "../engine/engine.ts";
import { ordersFor, resyncOrders } from "../engine/orders.ts";
import type { Clock } from "../lib/clock.ts";
import { catalog, type ErrorCode, GodelError } from "../lib/errors.ts";
import type { Activity } from "../model/activity.ts";
import type { Answers, FromNode, Order, Question, ToNode } from "../model/link.ts";
import { decodeFrame, encodeFrame, linkVersion } from "../model/link.ts";
import type { LinkSocket } from "../model/link-socket.ts";
import type { Parked } from "../model/parked.ts";
import type { NodeId, TeamId } from "../model/records.ts";
import type { Reserved } from "../model/reserved.ts";
import type { NodeResources } from "../model/resources.ts";
import { type LinkOptions, linkDefaults } from "./link-options.ts";
import { Questions } from "./questions.ts";

export interface LinkParts {
  engine: Engine;
  clock: Clock;
  /** Something that views show, but the journal does not hold, has changed. */
  onChange(): void;
  /** A node's link broke, or it went silent. */
  onUnlinked(node: NodeId): void;
  onHeartbeat(node: NodeId, frame: Extract<FromNode, { type: "heartbeat" }>): void;
}

interface Linked {
  socket: LinkSocket;
  pid: number;
  heardAt: number;
  /** Newest report that is durable but not acknowledged yet, or 0. */
  ackDue: number;
  /** As of its last heartbeat. */
  reserved: readonly Reserved[];
  parked: readonly Parked[];
}

/** The engine's end of the link: every node that is connected, what it is told, and what it says. */
export class NodeLinks {
  /** What agents do right now, as their nodes last said. */
  readonly activities = new Map<string, string>();
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #options: LinkOptions;
  readonly #nodes = new Map<NodeId, Linked>();
  readonly #questions: Questions;
  readonly #onChange: () => void;
  readonly #onUnlinked: (node: NodeId) => void;
  readonly #onHeartbeat: LinkParts["onHeartbeat"];
  readonly #joining = new Set<NodeId>();
  #leaving = false;
  #cancelCheck: (() => void) | null = null;

  constructor({ engine, clock, onChange, onUnlinked, onHeartbeat }: LinkParts, options: LinkOptions = linkDefaults) {
    this.#engine = engine;
    this.#clock = clock;
    this.#onChange = onChange;
    this.#onUnlinked = onUnlinked;
    this.#onHeartbeat = onHeartbeat;
    this.#options = options;
    this.#questions = new Questions(clock, options.askTimeoutMs);
    engine.subscribe((events) => {
      for (const [node, orders] of ordersFor(engine.state, events, engine.options)) this.#give(node, orders);
      for (const event of events) if (event.type === "attemptEnded") this.#forget(event.attempt);
    });
  }

  isLinked(node: NodeId): boolean {
    return this.#nodes.has(node);
  }

  pidOf(node: NodeId): number | null {
    return this.#nodes.get(node)?.pid ?? null;
  }

  /** USD that requests of a team under way may still cost, as its nodes last said. */
  reservedOf(team: TeamId): number {
    const all = [...this.#nodes.values()].flatMap(({ reserved }) => reserved);
    return all.reduce((sum, held) => (held.team === team ? sum + held.usd : sum), 0);
  }

  /** Attempts of a team that wait for a provider, as its nodes last said. */
  parkedOf(team: TeamId): Parked[] {
    return [...this.#nodes.values()].flatMap(({ parked }) => parked.filter((each) => each.team === team));
  }

  /** Takes over a socket that has proven who it is. */
  accept(socket: LinkSocket): void {
    let node: NodeId | undefined;
    socket.on("message", (data) => {
      const frame = decodeFrame<FromNode>(String(data));
      if (!frame) return socket.close(1007, "not a frame");
      if (frame.type === "hello") node = frame.node;
      this.#receive(socket, node, frame).catch((error) => socket.close(1011, String(error)));
    });
    socket.on("close", () => {
      if (node !== undefined && this.#nodes.get(node)?.socket === socket) this.#unlink(node);
    });
    socket.on("error", () => socket.terminate());
  }

  /**
   * What changes nothing is asked again when the link breaks and a node links soon.
   * @throws GodelError NODE_UNREACHABLE, or whatever the node answers
   */
  ask<Q extends Question>(question: Q): Promise<Answers[Q["type"]]> {
    if (this.#nodes.size === 0) throw new GodelError("NODE_UNREACHABLE", "no node is linked to the engine.");
    return this.#questions.ask(question, (ask) => {
      const linked = this.#nodes.values().next().value;
      if (linked) send(linked.socket, { type: "ask", ask, question });
    });
  }

  /** Tells every node to stop its agents and exit. */
  leave(): void {
    this.#leaving = true;
    this.#questions.close();
    for (const { socket } of this.#nodes.values()) send(socket, { type: "leave" });
  }

  close(): void {
    this.#cancelCheck?.();
    for (const { socket } of this.#nodes.values()) socket.terminate();
  }

  async #receive(socket: LinkSocket, node: NodeId | undefined, frame: FromNode): Promise<void> {
    if (frame.type === "hello") return this.#welcome(socket, frame);
    const linked = node === undefined ? undefined : this.#nodes.get(node);
    if (!linked || linked.socket !== socket || node === undefined) return;
    // Said to another leader, and late: it tells nothing of now.
    if (frame.type === "heartbeat" && frame.epoch !== undefined && frame.epoch !== this.#epoch()) return;
    linked.heardAt = this.#clock.monotonic();
    switch (frame.type) {
      case "heartbeat": {
        const { parked = [] } = frame;
        this.#onHeartbeat(node, frame);
        for (const activity of frame.activities) this.#note(activity);
        if ([frame.activities, frame.reserved, linked.reserved, parked, linked.parked].some((each) => each.length > 0))
          this.#onChange();
        linked.reserved = frame.reserved;
        linked.parked = parked;
        return this.#measure(node, frame.resources);
      }
      case "report":
        await this.#engine.submit({ type: "acceptReport", node, report: frame.report });
        return this.#acknowledge(linked, frame.seq);
      case "answer":
        return this.#questions.answered(frame.ask, frame.value);
      case "refusal": {
        const code: ErrorCode = frame.code in catalog ? (frame.code as ErrorCode) : "INTERNAL";
        return this.#questions.refused(frame.ask, new GodelError(code, frame.message));
      }
      default:
    }
  }

  /** Most measurements are no news, and not worth a turn of the loop. */
  async #measure(node: NodeId, resources: NodeResources): Promise<void> {
    const { state, options } = this.#engine;
    if (!isNews(state, node, resources, { at: this.#engine.now(), options })) return;
    await this.#engine.submit({ type: "measureNode", node, resources });
    this.#onChange();
  }

  async #welcome(socket: LinkSocket, hello: Extract<FromNode, { type: "hello" }>): Promise<void> {
    if (hello.version !== linkVersion) return socket.close(1002, `link version ${hello.version}, not ${linkVersion}`);
    const { node, pid, cores, agents, attempts } = hello;
    // One that links while the engine stops has not heard that it is to leave.
    if (this.#leaving) return send(socket, { type: "leave" });
    this.#joining.add(node);
    await this.#engine.submit({ type: "joinNode", node, pid, cores, agents, attempts });
    this.#joining.delete(node);
    if (socket.readyState !== socket.OPEN) return;
    this.#nodes.get(node)?.socket.terminate();
    this.#nodes.set(node, { socket, pid, heardAt: this.#clock.monotonic(), ackDue: 0, reserved: [], parked: [] });
    send(socket, { type: "welcome", epoch: this.#epoch(), heartbeatMs: this.#options.heartbeatMs });
    this.#give(node, resyncOrders(this.#engine.state, node, hello, this.#engine.options));
    this.#cancelCheck ??= this.#checkSilence();
    this.#questions.linked();
    this.#onChange();
  }

  #give(node: NodeId, orders: readonly Order[]): void {
    const linked = this.#nodes.get(node);
    if (!linked) return;
    const epoch = this.#epoch();
    for (const order of orders) send(linked.socket, { type: "order", epoch, order });
  }

  /** Reports that become durable in one turn of the loop are acknowledged with one frame. */
  #acknowledge(linked: Linked, seq: number): void {
    const scheduled = linked.ackDue !== 0;
    linked.ackDue = seq;
    if (scheduled) return;
    this.#clock.soon(() => {
      send(linked.socket, { type: "ack", seq: linked.ackDue });
      linked.ackDue = 0;
    });
  }

  #unlink(node: NodeId): void {
    this.#nodes.delete(node);
    this.#questions.unlinked();
    if (this.#nodes.size > 0) this.#questions.linked();
    if (this.#nodes.size === 0) {
      this.#cancelCheck?.();
      this.#cancelCheck = null;
    }
    // Its next link is being made: to suspect it now would be heard after it was welcomed.
    if (!this.#joining.has(node)) this.#onUnlinked(node);
    this.#onChange();
  }

  /** A node that goes silent with its link open is as suspect as one whose link broke. */
  #checkSilence(): () => void {
    const { heartbeatMs } = this.#options;
    const due = this.#clock.monotonic() + heartbeatMs;
    return this.#clock.after(heartbeatMs, () => {
      const now = this.#clock.monotonic();
      // An engine that was away itself hears first what was said meanwhile.
      if (now - due > heartbeatMs) {
        this.#cancelCheck = this.#checkSilence();
        return;
      }
      for (const { socket, heardAt } of this.#nodes.values()) {
        if (now - heardAt > this.#options.suspectAfterMs) socket.terminate();
      }
      this.#cancelCheck = this.#checkSilence();
    });
  }

  /** What was said of an attempt that has ended meanwhile is of no interest any more. */
  #note({ agent, attempt, text }: Activity): void {
    if (this.#engine.state.agents.get(agent)?.attempt === attempt) this.activities.set(agent, text);
  }

  #forget(attempt: string): void {
    const agent = this.#engine.state.attempts.get(attempt)?.agent;
    if (agent !== undefined) this.activities.delete(agent);
  }

  #epoch(): string {
    return String(this.#engine.state.epoch);
  }
}

function send(socket: LinkSocket, frame: ToNode): void {
  if (socket.readyState === socket.OPEN) socket.send(encodeFrame(frame));
}
