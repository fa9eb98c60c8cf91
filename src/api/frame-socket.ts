/** A WebSocket of the stream. `ws` would encode what is sent anew for each reader; here all of them share one buffer. */
import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import type { Frames } from "./frames.ts";
import type { WatchedSocket } from "./stream.ts";

/**
 * Frames go past `ws`, straight to its connection. That is safe while it has nothing of its own half written: it sends
 * only whole frames at once, as long as messages are not compressed, which a server of `ws` has to be asked for.
 */
export class FrameSocket implements WatchedSocket {
  readonly OPEN = 1;
  readonly #socket: WebSocket;
  readonly #connection: Duplex;

  constructor(socket: WebSocket, connection: Duplex) {
    this.#socket = socket;
    this.#connection = connection;
  }

  get readyState(): number {
    return this.#socket.readyState;
  }

  get bufferedAmount(): number {
    return this.#socket.bufferedAmount;
  }

  send(frames: Frames, onSent?: (error?: Error | null) => void): void {
    this.#connection.write(frames.messages, onSent);
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  terminate(): void {
    this.#socket.terminate();
  }

  on(event: "close" | "error", listener: () => void): void {
    this.#socket.on(event, listener);
  }

  cork(): void {
    this.#connection.cork();
  }

  uncork(): void {
    this.#connection.uncork();
  }
}
