/** Server-sent events (WHATWG HTML, 9.2) with the face of a socket: the same readers write to both. */
import type { ServerResponse } from "node:http";
import type { Clock, Millis } from "../lib/clock.ts";
import type { WatchedSocket } from "./stream.ts";

/** A line now and then, so that whoever is between them does not take the connection for dead, in ms. */
const beatMs: Millis = 15_000;
/** How long a reader that was cut off may take to read what is on its way, in ms. */
const lingerMs: Millis = 30_000;

/** Each frame is an event named by its type, with its sequence number as the id that a reconnecting reader sends back. */
export class SseSocket implements WatchedSocket {
  readonly OPEN = 1;
  readonly #response: ServerResponse;
  readonly #clock: Clock;
  #cancel = () => {};
  #closing = false;

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

  send(frame: string, onSent?: (error?: Error) => void): void {
    this.#response.write(eventOf(frame), (error) => onSent?.(error ?? undefined));
  }

  close(code: number, reason: string): void {
    if (this.readyState !== this.OPEN) return;
    this.#closing = true;
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
    this.#response.cork();
  }

  uncork(): void {
    this.#response.uncork();
  }

  #beat(): void {
    this.#cancel = this.#clock.after(beatMs, () => {
      this.#response.write(":\n\n");
      this.#beat();
    });
  }
}

/** A frame is one line of JSON that begins with its type and its number: it was encoded once for all readers. */
export function eventOf(frame: string): string {
  const [, type = "message", seq = ""] = /^\{"type":"(\w+)","seq":"(\d+)"/.exec(frame) ?? [];
  return `id: ${seq}\nevent: ${type}\ndata: ${frame}\n\n`;
}
