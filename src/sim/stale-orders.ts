import { decodeFrame, type ToNode } from "../model/link.ts";
import { promised } from "./broken-promise.ts";
import type { Bugs } from "./bugs.ts";
import type { Wire } from "./wire.ts";

/** At most so many orders are remembered. */
const memory = 200;

interface Link {
  readonly wire: Wire | null;
  /** How often the node has acted on its world. */
  readonly acts: number;
}

/** Orders of leaders that were replaced, which come when they should not any more. */
export class StaleOrders {
  readonly #world: Link;
  readonly #bugs: Bugs;
  readonly #seen: { frame: string; epoch: bigint }[] = [];
  #actsBefore: number | null = null;

  constructor(world: Link, bugs: Bugs) {
    this.#world = world;
    this.#bugs = bugs;
  }

  /** Remembers what passes on its way to the node. */
  passing(frames: string[]): string[] {
    for (const frame of frames) {
      const order = frame.includes('"order"') ? decodeFrame<ToNode>(frame) : undefined;
      if (order?.type === "order") this.#seen.push({ frame, epoch: BigInt(order.epoch) });
    }
    if (this.#seen.length > memory) this.#seen.splice(0, this.#seen.length - memory);
    return frames;
  }

  /** An old order comes over the present link. False when there is none, or the node has not heard of a newer leader. */
  strike(roll: number): boolean {
    const { wire } = this.#world;
    const epoch = wire?.welcomedBy ?? null;
    if (!wire?.isOpen || epoch === null || !wire.node.process.isRunning) return false;
    const old = this.#seen.filter((order) => order.epoch < epoch);
    const { frame } = old[Math.floor(roll * old.length)] ?? {};
    if (frame === undefined) return false;
    this.#actsBefore = this.#world.acts;
    wire.node.emit("message", this.#bugs.staleOrder?.(frame, String(epoch)) ?? frame);
    return true;
  }

  /** Nothing may have come of it by the end of the step in which it came. */
  check(): void {
    if (this.#actsBefore === null) return;
    const acts = this.#world.acts - this.#actsBefore;
    this.#actsBefore = null;
    promised(acts === 0, "orders of an older epoch change nothing", () => `the node did ${acts} things`);
  }
}
