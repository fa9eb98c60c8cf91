import { decodeFrame, type FromNode, type ToNode } from "../model/link.ts";
import type { AttemptId, NodeId } from "../model/records.ts";
import { promised } from "./broken-promise.ts";
import type { Bugs } from "./bugs.ts";
import type { Coverage } from "./coverage.ts";
import type { EngineProcess } from "./engine-process.ts";
import type { Wire } from "./wire.ts";

/** So many frames of each direction are remembered at least, and twice as many at most. */
const memory = 200;

interface Link {
  readonly id: NodeId;
  readonly wire: Wire | null;
  readonly coverage: Coverage;
  /** Whether an attempt has ended without being accepted. */
  isSuperseded(attempt: AttemptId): boolean;
  /** How often the node has acted on its world. */
  readonly acts: number;
}

/** Orders of leaders that were replaced, and heartbeats that were for them, which come when they should not any more. */
export class StaleOrders {
  readonly #world: Link;
  readonly #bugs: Bugs;
  readonly #orders: string[] = [];
  readonly #heartbeats: string[] = [];
  #actsBefore: number | null = null;
  /** The epoch of a leader that has taken notice of a heartbeat that was for another. */
  #heardBy: bigint | null = null;

  constructor(world: Link, bugs: Bugs) {
    this.#world = world;
    this.#bugs = bugs;
  }

  /** Remembers what passes on its way to the node. */
  passing(frames: string[]): string[] {
    this.#orders.push(...frames.filter((frame) => frame.startsWith('{"type":"order"')));
    forget(this.#orders);
    return frames;
  }

  /** The same of what leaves the node. */
  leaving(frames: string[]): string[] {
    this.#heartbeats.push(...frames.filter((frame) => frame.startsWith('{"type":"heartbeat"')));
    forget(this.#heartbeats);
    if (frames.some((frame) => this.#isLate(frame))) this.#world.coverage.add("late result of a superseded attempt");
    return frames;
  }

  /** What is old comes over the present link. False when there is no order that is, or the node has not heard of a newer leader. */
  strike(roll: number, engine: EngineProcess | null): boolean {
    const { wire } = this.#world;
    const epoch = wire?.welcomedBy ?? null;
    if (!wire?.isOpen || epoch === null || !wire.node.process.isRunning) return false;
    if (engine) this.#beat(roll, wire, engine);
    const order = oneOf(this.#orders.filter(isOrderBefore(epoch)), roll);
    if (order === undefined) return false;
    this.#actsBefore = this.#world.acts;
    wire.node.emit("message", this.#bugs.staleOrder?.(order, String(epoch)) ?? order);
    return true;
  }

  /** Nothing may have come of it by the end of the step in which it came. */
  check(): void {
    const by = this.#heardBy;
    promised(by === null, "heartbeats of an older epoch change nothing", () => `the leader of epoch ${by} heard one`);
    if (this.#actsBefore === null) return;
    const acts = this.#world.acts - this.#actsBefore;
    this.#actsBefore = null;
    promised(acts === 0, "orders of an older epoch change nothing", () => `the node did ${acts} things`);
  }

  #isLate(text: string): boolean {
    if (!/^{"type":"report".*"attempt(?:Verified|Merged)"/.test(text)) return false;
    const frame = decodeFrame<FromNode>(text);
    return frame?.type === "report" && "attempt" in frame.report && this.#world.isSuperseded(frame.report.attempt);
  }

  #beat(roll: number, wire: Wire, engine: EngineProcess): void {
    const { epoch } = engine.engine?.state ?? {};
    if (wire !== engine.wires.get(this.#world.id) || !engine.process.isRunning || epoch === undefined) return;
    const frame = oneOf(this.#heartbeats.filter(isBefore(epoch)), roll);
    if (frame === undefined) return;
    const before = engine.heartbeats;
    wire.engine.emit("message", this.#bugs.staleHeartbeat?.(frame, String(epoch)) ?? frame);
    if (engine.heartbeats > before) this.#heardBy = epoch;
    this.#world.coverage.add("stale heartbeat");
  }
}

function isOrderBefore(epoch: bigint): (frame: string) => boolean {
  return (text) => {
    const frame = decodeFrame<ToNode>(text);
    return frame?.type === "order" && BigInt(frame.epoch) < epoch;
  };
}

function isBefore(epoch: bigint): (frame: string) => boolean {
  return (frame) => {
    const beat = decodeFrame<FromNode>(frame);
    return beat?.type === "heartbeat" && BigInt(beat.epoch ?? epoch) < epoch;
  };
}

function oneOf<T>(all: readonly T[], roll: number): T | undefined {
  return all[Math.floor(roll * all.length)];
}

/** Now and then: to shift the rest costs as much as it remembers. */
function forget(remembered: unknown[]): void {
  if (remembered.length > 2 * memory) remembered.splice(0, remembered.length - memory);
}
