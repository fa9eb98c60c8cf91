import type { Output } from "../terminal.ts";

/** Progress of things that take a moment: `Spawning 50 agents… ✓`, on a terminal drawn before and after. */
export class Steps {
  readonly #out: Output;
  readonly #quiet: boolean;
  #current: string | null = null;

  constructor(out: Output, quiet: boolean) {
    this.#out = out;
    this.#quiet = quiet;
  }

  begin(text: string): void {
    this.#current = text;
    if (!this.#quiet && this.#out.live) this.#out.write(`${text}…`);
  }

  /** Ends the step that was begun, if any. `note` says what came of it. */
  done(note = ""): void {
    this.#end(this.#out.style.green("✓"), note);
  }

  failed(): void {
    this.#end(this.#out.style.red("✗"), "");
  }

  /** Ends the step without saying how it ended: someone stopped looking. */
  leave(): void {
    if (this.#current !== null && !this.#quiet && this.#out.live) this.#out.write("\n");
    this.#current = null;
  }

  /** Runs `work` as one step. */
  async run<T>(text: string, work: () => Promise<T>): Promise<T> {
    this.begin(text);
    try {
      const value = await work();
      this.done();
      return value;
    } catch (error) {
      this.failed();
      throw error;
    }
  }

  /** A line of its own, between steps. */
  say(text: string): void {
    if (!this.#quiet) this.#out.write(`${text}\n`);
  }

  #end(mark: string, note: string): void {
    if (this.#current === null) return;
    const { live, style } = this.#out;
    const rest = ` ${mark}${note === "" ? "" : `  ${style.dim(note)}`}\n`;
    if (!this.#quiet) this.#out.write(live ? rest : `${this.#current}…${rest}`);
    this.#current = null;
  }
}
