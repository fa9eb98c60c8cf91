/** Server-sent events (WHATWG HTML, 9.2) with the face of a socket: the same readers write to both. */
import type { ServerResponse } from "node:http";
import type { Clock, Millis } from "../lib/clock.ts";
import type { Frames } from "./frames.ts";
import type { WatchedSocket } from "./stream.ts";

/** A line now and then, so that whoever is between them does not take the connection for dead, in ms. */
const beatMs: Millis = 15_000;
/** How long a reader that was cut off may take to read what is on its way, in ms. */
const lingerMs: Millis = 30_000;

export class SseSocket implements WatchedSocket {
  readonly OPEN = 1;
  readonly #response: ServerResponse;
  readonly #clock: Clock;
  #cancel = () => {};
  #closing = false;
  #isCorked = false;

  constructor(response: ServerResponse, clock: Clock) {
    this.#response = response;
    this.#clock = clock;
    response.writeHead(200, {
      "content-type": "text/event-stream",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    });
    response.write("retry: 500\n\n");
    response.on("close", () => this.#cancel());
    this.#beat();
  }

  get readyState(): number {
    return this.#closing || this.#response.destroyed ? 3 : this.OPEN;
  }

  get bufferedAmount(): number {
    return this.#response.writableLength;
  }

  send(frames: Frames, onSent?: (error?: Error | null) => void): void {
    this.#response.write(frames.serverEvents, onSent);
  }

  close(code: number, reason: string): void {
    if (this.readyState !== this.OPEN) return;
    this.#closing = true;
    // Node would write the end of a chunked body before the chunks that are held back.
    this.uncork();
    this.#response.end(`event: close\ndata: ${JSON.stringify({ code, reason })}\n\n`);
    this.#cancel();
    this.#cancel = this.#clock.after(lingerMs, () => this.terminate());
  }

  terminate(): void {
    this.#response.destroy();
  }

  on(event: "close" | "error", listener: () => void): void {
    this.#response.on(event, listener);
  }

  cork(): void {
    this.#isCorked = true;
    this.#response.cork();
  }

  uncork(): void {
    if (this.#isCorked) this.#response.uncork();
    this.#isCorked = false;
  }

  #beat(): void {
    this.#cancel = this.#clock.after(beatMs, () => {
      this.#response.write(":\n\n");
      this.#beat();
    });
  }
}
