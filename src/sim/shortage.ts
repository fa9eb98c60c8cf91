import type { Event } from "../model/events.ts";
import type { AgentId, NodeId } from "../model/records.ts";
import { promised } from "./broken-promise.ts";
import type { EngineProcess } from "./engine-process.ts";
import type { Trouble } from "./trouble.ts";
import type { Wire } from "./wire.ts";

/** Heartbeats in a row, a second each: by then a lease from before the first is told, however slow the disk is. */
const enough = 25;

/** What the engine must have heard, by what is wrong with the machine, whatever the node or the engine make of it. */
export class Shortage {
  readonly #machine: { readonly id: NodeId; readonly trouble: Trouble };
  #heard: { engine: EngineProcess; wire: Wire; beats: number } | null = null;

  constructor(machine: { readonly id: NodeId; readonly trouble: Trouble }) {
    this.#machine = machine;
  }

  /** `engine` has just taken notice of a heartbeat of this machine. */
  beat(engine: EngineProcess): void {
    const wire = engine.wires.get(this.#machine.id);
    const since = this.#machine.trouble.shortSince;
    if (!wire || since === null || wire.heardOf <= since) this.#heard = null;
    else if (this.#heard?.wire !== wire) this.#heard = { engine, wire, beats: 1 };
    else this.#heard.beats++;
  }

  /** `engine` says that these are durable. */
  told(engine: EngineProcess, events: readonly Event[]): void {
    const beats = this.#heard?.engine === engine ? this.#heard.beats : 0;
    const isHere = (agent: AgentId) => engine.engine?.state.agents.get(agent)?.node === this.#machine.id;
    const lease =
      beats < enough ? undefined : events.find((event) => event.type === "attemptLeased" && isHere(event.agent));
    const seen = () => `${JSON.stringify(lease)}, ${beats} heartbeats after the machine ran short`;
    promised(!lease, "a node that is short of something takes no new work", seen);
  }
}
