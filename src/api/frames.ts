/** Frames of the stream as they go over a connection: encoded once, however many readers are sent them. */
import type { StreamFrame } from "./wire.ts";

export class Frames {
  /** Each a line of JSON that begins with its type and its number. */
  readonly texts: readonly string[];
  #messages: Buffer | null = null;
  #serverEvents: Buffer | null = null;

  constructor(texts: readonly string[]) {
    this.texts = texts;
  }

  static of(frame: StreamFrame): Frames {
    return new Frames([encode(frame)]);
  }

  /** Each a text message of a WebSocket, unmasked and in one piece, as a server sends it (RFC 6455, 5.2). */
  get messages(): Buffer {
    this.#messages ??= Buffer.concat(this.texts.flatMap(messageOf));
    return this.#messages;
  }

  /** Each a server-sent event, named by its type, with its number as the id that a reconnecting reader sends back. */
  get serverEvents(): Buffer {
    this.#serverEvents ??= Buffer.from(this.texts.map(eventOf).join(""));
    return this.#serverEvents;
  }
}

export function encode(frame: StreamFrame): string {
  return JSON.stringify(frame);
}

/** FIN and the opcode of text. */
const finalText = 0x81;
/** Lengths of the payload that say instead that it follows, in two bytes or in eight. */
const [inTwo, inEight] = [126, 127];

function messageOf(text: string): [head: Buffer, payload: Buffer] {
  const payload = Buffer.from(text);
  const { length } = payload;
  if (length < inTwo) return [Buffer.from([finalText, length]), payload];
  if (length < 1 << 16) return [Buffer.from([finalText, inTwo, length >> 8, length & 0xff]), payload];
  const head = Buffer.from([finalText, inEight, 0, 0, 0, 0, 0, 0, 0, 0]);
  head.writeBigUInt64BE(BigInt(length), 2);
  return [head, payload];
}

export function eventOf(frame: string): string {
  const [, type = "message", seq = ""] = /^\{"type":"(\w+)","seq":"(\d+)"/.exec(frame) ?? [];
  return `id: ${seq}\nevent: ${type}\ndata: ${frame}\n\n`;
}
