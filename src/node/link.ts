import { readFileSync } from "node:fs";
import WebSocket from "ws";
import type { Clock } from "../lib/clock.ts";
import { isFields, parseJson } from "../lib/json.ts";
import { decodeFrame, encodeFrame, type FromNode, type ToNode } from "../model/link.ts";

export interface LinkHandlers {
  /** What to say first on each new connection. */
  hello(): Extract<FromNode, { type: "hello" }>;
  onWelcome(frame: Extract<ToNode, { type: "welcome" }>): void;
  onFrame(frame: Exclude<ToNode, { type: "welcome" }>): void;
  /** The connection ended; another will be tried. */
  onDown(): void;
}

/** Waits between two tries to reach the engine, in ms: doubles from the first to the last. */
const retryMs = { first: 50, most: 1_000 };

/**
 * The node's end of the link. It finds the engine by `engine.json` anew each time, since an engine that was restarted
 * has another port and token, and refuses frames of an older epoch than it has seen.
 */
export class Link {
  readonly #engineFile: string;
  readonly #handlers: LinkHandlers;
  readonly #clock: Clock;
  #socket: WebSocket | null = null;
  #welcomed = false;
  #tries = 0;
  #epoch = 0n;
  #closed = false;
  #cancelRetry = () => {};

  constructor(engineFile: string, handlers: LinkHandlers, clock: Clock) {
    this.#engineFile = engineFile;
    this.#handlers = handlers;
    this.#clock = clock;
  }

  /** Whether the engine has welcomed this node, and so hears its reports. */
  get isUp(): boolean {
    return this.#welcomed;
  }

  start(): void {
    const engine = readEngineFile(this.#engineFile);
    if (!engine) return this.#retry();
    const url = new URL("/api/v1/link", engine.url.replace(/^http/, "ws"));
    const socket = new WebSocket(url, { headers: { authorization: `Bearer ${engine.token}` }, maxPayload: 256 << 20 });
    this.#socket = socket;
    socket.on("open", () => this.send(this.#handlers.hello()));
    socket.on("message", (data) => this.#receive(String(data)));
    socket.on("error", () => socket.terminate());
    socket.on("close", () => this.#down(socket));
  }

  /** Drops the frame while there is no connection: reports are sent again from the outbox, the rest is stale then. */
  send(frame: FromNode): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(encodeFrame(frame));
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

  #down(socket: WebSocket): void {
    if (this.#socket !== socket) return;
    this.#socket = null;
    if (this.#welcomed) this.#handlers.onDown();
    this.#welcomed = false;
    this.#retry();
  }

  #retry(): void {
    if (this.#closed) return;
    const delay = Math.min(retryMs.first * 2 ** this.#tries++, retryMs.most);
    this.#cancelRetry = this.#clock.after(delay, () => this.start());
  }
}

function readEngineFile(path: string): { url: string; token: string } | undefined {
  try {
    const file = parseJson(readFileSync(path, "utf8"));
    if (isFields(file) && typeof file.url === "string" && typeof file.token === "string") {
      return { url: file.url, token: file.token };
    }
  } catch {
    // No engine has written it yet, or it was just taken down.
  }
  return undefined;
}
