import type { Clock, Millis } from "../lib/clock.ts";
import { GodelError } from "../lib/errors.ts";
import type { Answers, Question } from "../model/link.ts";

/** How long a node whose link broke may take to link again before what it was asked is refused, in ms. */
export const relinkMs: Millis = 30_000;

/** Questions that change nothing and cost nothing, however often they are asked. */
const repeatable: ReadonlySet<Question["type"]> = new Set<Question["type"]>([
  "inspect",
  "map",
  "speaks",
  "log",
  "transcript",
  "providers",
  "patch",
]);

interface Asked {
  /** Asks once more, over the link that there is then; null for what must not be done twice. */
  again: (() => void) | null;
  /** It waits for a link. */
  waits: (() => void) | null;
  resolve(value: unknown): void;
  reject(error: unknown): void;
  cancel(): void;
}

/**
 * What was asked of nodes and is not answered yet. Each ends: by its answer, by its time, or with the link. What may be asked
 * twice is asked again when a node links soon after: under load a link breaks for a node that was only slow.
 */
export class Questions {
  readonly #clock: Clock;
  readonly #timeoutMs: Millis;
  readonly #asked = new Map<number, Asked>();
  #count = 0;
  #closed = false;

  constructor(clock: Clock, timeoutMs: Millis) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Asks through `send`, which is given the number of the question; over the next link once more where that does no harm.
   * @throws GodelError NODE_UNREACHABLE, and as refused
   */
  ask<Q extends Question>(question: Q, send: (number: number) => void): Promise<Answers[Q["type"]]> {
    const number = ++this.#count;
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.after(this.#timeoutMs, () => {
        this.refused(number, unreachable(`the node did not answer within ${this.#timeoutMs} ms.`));
      });
      const again = repeatable.has(question.type) ? () => send(number) : null;
      this.#asked.set(number, {
        again,
        waits: null,
        resolve: (value) => resolve(value as Answers[Q["type"]]),
        reject,
        cancel,
      });
      send(number);
    });
  }

  answered(number: number, value: unknown): void {
    this.#take(number)?.resolve(value);
  }

  refused(number: number, error: GodelError): void {
    this.#take(number)?.reject(error);
  }

  /** Nobody is left to answer, for now. */
  unlinked(): void {
    for (const [number, asked] of this.#asked) {
      const refuse = () => this.refused(number, unreachable("the link to the node broke."));
      if (asked.again === null || this.#closed) refuse();
      else asked.waits ??= this.#clock.after(relinkMs, refuse);
    }
  }

  /** A node may be asked again. */
  linked(): void {
    for (const asked of this.#asked.values()) {
      if (asked.waits === null) continue;
      asked.waits();
      asked.waits = null;
      asked.again?.();
    }
  }

  /** No link that breaks from now on comes again. */
  close(): void {
    this.#closed = true;
    for (const [number, { waits }] of this.#asked) if (waits) this.refused(number, unreachable("godel is going down."));
  }

  #take(number: number): Asked | undefined {
    const asked = this.#asked.get(number);
    this.#asked.delete(number);
    asked?.cancel();
    asked?.waits?.();
    return asked;
  }
}

function unreachable(what: string): GodelError {
  return new GodelError("NODE_UNREACHABLE", what);
}
