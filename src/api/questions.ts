import type { Clock, Millis } from "../lib/clock.ts";
import { GodelError } from "../lib/errors.ts";

interface Asked {
  resolve(value: unknown): void;
  reject(error: unknown): void;
  cancel(): void;
}

/** What was asked of nodes and is not answered yet. Each ends: by its answer, by its time, or with the link. */
export class Questions {
  readonly #clock: Clock;
  readonly #timeoutMs: Millis;
  readonly #asked = new Map<number, Asked>();
  #count = 0;

  constructor(clock: Clock, timeoutMs: Millis) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  /** Asks through `send`, which is given the number of the question. @throws GodelError NODE_UNREACHABLE, and as refused */
  ask<Answer>(send: (number: number) => void): Promise<Answer> {
    const number = ++this.#count;
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.after(this.#timeoutMs, () => {
        this.#asked.delete(number);
        reject(new GodelError("NODE_UNREACHABLE", `the node did not answer within ${this.#timeoutMs} ms.`));
      });
      this.#asked.set(number, { resolve: (value) => resolve(value as Answer), reject, cancel });
      send(number);
    });
  }

  answered(number: number, value: unknown): void {
    this.#take(number)?.resolve(value);
  }

  refused(number: number, error: GodelError): void {
    this.#take(number)?.reject(error);
  }

  /** Nobody is left to answer. */
  unlinked(): void {
    for (const number of [...this.#asked.keys()]) {
      this.refused(number, new GodelError("NODE_UNREACHABLE", "the link to the node broke."));
    }
  }

  #take(number: number): Asked | undefined {
    const asked = this.#asked.get(number);
    this.#asked.delete(number);
    asked?.cancel();
    return asked;
  }
}
