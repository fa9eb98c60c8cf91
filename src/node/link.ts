import type { Clock } from "../lib/clock.ts";
import { decodeFrame, encodeFrame, type FromNode, type ToNode } from "../model/link.ts";
import type { LinkSocket } from "../model/link-socket.ts";
import type { NodeWorld } from "./ports.ts";

export interface LinkHandlers {
  /** What to say first on each new connection. */
  hello(): Extract<FromNode, { type: "hello" }>;
  onWelcome(frame: Extract<ToNode, { type: "welcome" }>): void;
  onFrame(frame: Exclude<ToNode, { type: "welcome" }>): void;
  /** The connection ended; another will be tried. */
  onDown(): void;
}

export type EngineFinder = Pick<NodeWorld, "connect" | "onEngine">;

/** Bytes that may wait for an engine that does not read before the link is cut. */
const maxBufferedBytes = 16 << 20;

/** Waits between two tries to reach an engine that nothing was heard of, in ms: one that was killed is soon back, one that was stopped is not. */
const retryMs = { first: 50, factor: 1.2, most: 1_000 };

/**
 * The node's end of the link. It looks for the engine anew each time, since one that was restarted is elsewhere, and
 * refuses frames of an older epoch than it has seen.
 */
export class Link {
  readonly #engine: EngineFinder;
  readonly #handlers: LinkHandlers;
  readonly #clock: Clock;
  #socket: LinkSocket | null = null;
  #welcomed = false;
  #tries = 0;
  #epoch = 0n;
  #closed = false;
  #cancelRetry = () => {};

  constructor(engine: EngineFinder, handlers: LinkHandlers, clock: Clock) {
    this.#engine = engine;
    this.#handlers = handlers;
    this.#clock = clock;
  }

  /** Whether the engine has welcomed this node, and so hears its reports. */
  get isUp(): boolean {
    return this.#welcomed;
  }

  /** Of the newest leader that it has heard. */
  get epoch(): string {
    return String(this.#epoch);
  }

  start(): void {
    const socket = this.#engine.connect();
    if (!socket) return this.#retry();
    this.#socket = socket;
    socket.on("open", () => this.send(this.#handlers.hello()));
    socket.on("message", (data) => this.#receive(String(data)));
    socket.on("error", () => socket.terminate());
    socket.on("close", () => this.#down(socket));
  }

  /** Drops the frame while there is no connection: reports are sent again from the outbox, the rest is stale then. */
  send(frame: FromNode): void {
    const socket = this.#socket;
    if (!socket || socket.readyState !== socket.OPEN) return;
    // An engine that stands still reads nothing: what matters is in the outbox.
    if (socket.bufferedAmount > maxBufferedBytes) socket.terminate();
    else socket.send(encodeFrame(frame));
  }

  close(): void {
    this.#closed = true;
    this.#cancelRetry();
    this.#socket?.close();
  }

  #receive(text: string): void {
    const frame = decodeFrame<ToNode>(text);
    if (!frame || this.#isStale(frame)) return;
    if (frame.type === "welcome") {
      this.#welcomed = true;
      this.#tries = 0;
      return this.#handlers.onWelcome(frame);
    }
    this.#handlers.onFrame(frame);
  }

  /** An engine that was replaced may still send; what it says no longer counts. */
  #isStale(frame: ToNode): boolean {
    if (!("epoch" in frame)) return false;
    const epoch = BigInt(frame.epoch);
    if (epoch < this.#epoch) return true;
    this.#epoch = epoch;
    return false;
  }

  #down(socket: LinkSocket): void {
    if (this.#socket !== socket) return;
    this.#socket = null;
    if (this.#welcomed) this.#handlers.onDown();
    this.#welcomed = false;
    this.#retry();
  }

  #retry(): void {
    if (this.#closed) return;
    const delay = Math.min(retryMs.first * retryMs.factor ** this.#tries++, retryMs.most);
    const again = () => {
      this.#cancelRetry();
      this.start();
    };
    const ends = [this.#clock.after(delay, again), this.#engine.onEngine(again)];
    this.#cancelRetry = () => {
      for (const end of ends) end();
    };
  }
}
