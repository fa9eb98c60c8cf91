import type { Event } from "../model/events.ts";
import { promised } from "./broken-promise.ts";
import type { EngineProcess } from "./engine-process.ts";
import type { Trouble } from "./trouble.ts";
import type { Wire } from "./wire.ts";

/** Heartbeats in a row, a second each: by then a lease from before the first is told, however slow the disk is. */
const enough = 25;

/** What the engine must have heard, by what is wrong with the machine, whatever the node or the engine make of it. */
export class Shortage {
  readonly #trouble: Trouble;
  #heard: { engine: EngineProcess; wire: Wire; beats: number } | null = null;

  constructor(trouble: Trouble) {
    this.#trouble = trouble;
  }

  /** `engine` has just taken notice of a heartbeat. */
  beat(engine: EngineProcess): void {
    const { wire } = engine;
    const since = this.#trouble.shortSince;
    if (!wire || since === null || wire.heardOf <= since) this.#heard = null;
    else if (this.#heard?.wire !== wire) this.#heard = { engine, wire, beats: 1 };
    else this.#heard.beats++;
  }

  /** `engine` says that these are durable. */
  told(engine: EngineProcess, events: readonly Event[]): void {
    const beats = this.#heard?.engine === engine ? this.#heard.beats : 0;
    const lease = beats < enough ? undefined : events.find(({ type }) => type === "attemptLeased");
    const seen = () => `${JSON.stringify(lease)}, ${beats} heartbeats after the machine ran short`;
    promised(!lease, "a node that is short of something takes no new work", seen);
  }
}
