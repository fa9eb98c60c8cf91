import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { Coverage } from "./coverage.ts";
import type { Scenario } from "./scenario.ts";
import type { Outcome } from "./simulate.ts";

/** An outcome as a thread tells it. */
export type Told = Omit<Outcome, "coverage"> & { coverage: ReadonlyMap<string, number> };

/** Most of what a simulation makes is soon of no use: in a room this large, in MB, next to nothing of it is ever moved. */
const youngMb = 96;

/** Plays scenarios in threads of their own, as many at once as there are threads. Each plays out as it would by itself. */
export class Players {
  /** How many are played at once. */
  readonly count: number;
  readonly #idle: Worker[];
  readonly #waiting: (() => void)[] = [];

  /** `count`: by default one for each core. */
  constructor(count = availableParallelism()) {
    this.count = count;
    const options = { resourceLimits: { maxYoungGenerationSizeMb: youngMb } };
    this.#idle = Array.from({ length: count }, () => new Worker(new URL("./player.ts", import.meta.url), options));
  }

  /** Once a thread is free. Rejects with what a thread died of. */
  async play(scenario: Scenario): Promise<Outcome> {
    while (this.#idle.length === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    const worker = this.#idle.pop() as Worker;
    const told = await ask(worker, scenario);
    this.#idle.push(worker);
    this.#waiting.shift()?.();
    return { ...told, coverage: new Coverage(told.coverage) };
  }

  /** To be called once nothing is played any more. */
  async close(): Promise<void> {
    await Promise.all(this.#idle.map((worker) => worker.terminate()));
  }
}

function ask(worker: Worker, scenario: Scenario): Promise<Told> {
  return new Promise((resolve, reject) => {
    worker.once("error", reject);
    worker.once("message", (told: Told) => {
      worker.off("error", reject);
      resolve(told);
    });
    worker.postMessage(scenario);
  });
}

export interface Played {
  /** Null when every promise was kept; of several that broke one, that of the lowest seed. */
  failed: Outcome | null;
  coverage: Coverage;
  simulatedMs: number;
  steps: number;
}

/** Plays all that `scenarios` gives, in their order, and takes no further one once a promise is broken. */
export async function playAll(scenarios: Iterable<Scenario>, players: Players): Promise<Played> {
  const played: Played = { failed: null, coverage: new Coverage(), simulatedMs: 0, steps: 0 };
  const rest = scenarios[Symbol.iterator]();
  const one = async () => {
    for (let next = rest.next(); !next.done && !played.failed; next = rest.next()) {
      const outcome = await players.play(next.value);
      if (outcome.failure) played.failed = lower(played.failed, outcome);
      played.coverage.addAll(outcome.coverage);
      played.simulatedMs += outcome.simulatedMs;
      played.steps += outcome.steps;
    }
  };
  await Promise.all(Array.from({ length: players.count }, one));
  return played;
}

function lower(one: Outcome | null, other: Outcome): Outcome {
  return one && one.seed < other.seed ? one : other;
}

export function* scenariosOf(first: number, seeds: number, make: (seed: number) => Scenario): Generator<Scenario> {
  for (let seed = first; seed < first + seeds; seed++) yield make(seed);
}
