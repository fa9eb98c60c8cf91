import type { Output } from "../terminal.ts";
import { cutStyled } from "./style.ts";

const hideCursor = "\u001b[?25l";
const showCursor = "\u001b[?25h";
const clearLine = "\u001b[K";
const clearBelow = "\u001b[J";

/** A block of lines at the bottom of the terminal that is drawn over in place. What scrolled above it stays. */
export class Screen {
  readonly #out: Output;
  #drawn = 0;

  constructor(out: Output) {
    this.#out = out;
  }

  draw(lines: readonly string[]): void {
    // In one write, so that no half-drawn block is ever seen; a line that wrapped would break the count.
    const body = lines.map((line) => `${cutStyled(line, this.#out.width - 1)}${clearLine}\n`).join("");
    this.#out.write(`${this.#drawn === 0 ? hideCursor : this.#up()}${body}${clearBelow}`);
    this.#drawn = lines.length;
  }

  /** Takes the block away, for the summary to stand in its place. */
  close(): void {
    if (this.#drawn > 0) this.#out.write(`${this.#up()}${clearBelow}${showCursor}`);
    this.#drawn = 0;
  }

  #up(): string {
    return `\u001b[${this.#drawn}A\r`;
  }
}
