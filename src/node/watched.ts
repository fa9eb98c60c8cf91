import type { Clock, Millis } from "../lib/clock.ts";
import type { AttemptId } from "../model/records.ts";
import type { Saying } from "../model/transcript.ts";
import { type RuntimeAgent, type RuntimeEvent, watchMs } from "../runtimes/index.ts";

/** How long one who watches waits for more at most, in ms: then it hears that there is none, and asks again. */
export const moreWithinMs: Millis = 1_000;

interface Watched {
  /** Nobody watches any more from then on, unless asked for. */
  until: Millis;
  /** The agent is asked again to tell. */
  askAt: Millis;
  /** Grows with all that the attempt does; from 1. */
  heard: number;
  saying: Saying[];
  waiting: Set<() => void>;
}

/** What agents say right now, of attempts that somebody watches; of all others nothing is kept or told. */
export class WatchedAttempts {
  readonly #clock: Clock;
  readonly #watched = new Map<AttemptId, Watched>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Watches `attempt`, which `agent` works on, and resolves when more than `heard` has happened, or soon. */
  async more(attempt: AttemptId, agent: Pick<RuntimeAgent, "watch">, heard: number): Promise<void> {
    const now = this.#clock.monotonic();
    for (const [id, { until }] of this.#watched) if (until < now) this.#watched.delete(id);
    const fresh: Watched = { until: 0, askAt: 0, heard: 1, saying: [], waiting: new Set() };
    const watched = this.#watched.get(attempt) ?? fresh;
    this.#watched.set(attempt, watched);
    watched.until = now + watchMs + moreWithinMs;
    if (watched.askAt <= now) {
      watched.askAt = now + watchMs / 2;
      void agent.watch();
    }
    if (heard !== watched.heard) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    watched.waiting.add(resolve);
    const disarm = this.#clock.after(moreWithinMs, resolve);
    await promise;
    disarm();
    watched.waiting.delete(resolve);
  }

  /** What is said now, and how much has happened; null where nobody watches. */
  of(attempt: AttemptId): { saying: Saying[]; heard: number } | null {
    const watched = this.#watched.get(attempt);
    return watched ? { saying: watched.saying, heard: watched.heard } : null;
  }

  hear(event: RuntimeEvent): void {
    const watched = this.#watched.get(event.attempt);
    if (!watched) return;
    watched.heard++;
    if (event.type === "saying") watched.saying = event.parts;
    for (const resolve of watched.waiting) resolve();
  }

  /** The agent has settled: the transcript has all that it said. */
  forget(attempt: AttemptId): void {
    for (const resolve of this.#watched.get(attempt)?.waiting ?? []) resolve();
    this.#watched.delete(attempt);
  }
}
