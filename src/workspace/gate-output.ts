import { createWriteStream, type WriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";

/** How much of the end of a gate's output is answered, in characters. */
export const tailChars = 4_000;

/** What gates print: the beginning goes to a file, up to a bound; the end of the present gate is held. */
export class GateOutput {
  readonly #file: WriteStream;
  readonly #maxBytes: number;
  #written = 0;
  #tail: Buffer = Buffer.of();
  #error: Error | undefined;

  /** Adds to `path`, and makes its folder. */
  static async open(path: string, maxBytes: number): Promise<GateOutput> {
    await mkdir(dirname(path), { recursive: true });
    return new GateOutput(createWriteStream(path, { flags: "a" }), maxBytes);
  }

  private constructor(file: WriteStream, maxBytes: number) {
    this.#file = file;
    this.#maxBytes = maxBytes;
    file.on("error", (error) => {
      this.#error = error;
    });
  }

  /** Starts a gate: its tail is its own. */
  begin(gate: string): void {
    this.#tail = Buffer.of();
    this.#file.write(`$ ${gate}\n`);
  }

  add(chunk: Buffer): void {
    // Four bytes a character at most; held double, so that chunks are joined now and then, not each time.
    const tail = Buffer.concat([this.#tail, chunk.subarray(-8 * tailChars)]);
    this.#tail = tail.length > 8 * tailChars ? tail.subarray(-4 * tailChars) : tail;
    const room = this.#maxBytes - this.#written;
    this.#written += chunk.length;
    if (room <= 0) return;
    this.#file.write(chunk.subarray(0, room));
    if (chunk.length > room) this.note(`output beyond ${this.#maxBytes} bytes is left out here`);
  }

  /** A line of ours, which always fits. */
  note(text: string): void {
    this.#file.write(`\n[godel] ${text}\n`);
  }

  /** The end of what the present gate printed. */
  tail(): string {
    return this.#tail.toString().slice(-tailChars);
  }

  /** @throws what the file system said when the file could not be written */
  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#file.once("close", resolve);
      if (this.#file.closed) resolve();
      this.#file.end();
    });
    if (this.#error) throw this.#error;
  }
}
