import { NodeLinks } from "../api/node-link.ts";
import { type NodeProcesses, NodeSupervisor, type SupervisorOptions } from "../api/node-supervisor.ts";
import { Engine } from "../engine/engine.ts";
import { HealthWatch } from "../engine/health-watch.ts";
import type { EngineOptions } from "../engine/options.ts";
import { type Journal, type MemoryStore, openMemoryJournal } from "../journal/index.ts";
import { GodelError } from "../lib/errors.ts";
import type { Command } from "../model/commands.ts";
import type { Event } from "../model/events.ts";
import type { NodeId } from "../model/records.ts";
import type { Dice } from "./dice.ts";
import { DiskFault, JournalDisk } from "./faulty-journal.ts";
import type { Process } from "./timeline.ts";
import type { Trouble } from "./trouble.ts";
import type { Wire } from "./wire.ts";

export interface EngineParts {
  process: Process;
  dice: Dice;
  trouble: Trouble;
  store: MemoryStore;
  options: Partial<EngineOptions>;
  supervisor?: SupervisorOptions | undefined;
  /** The nodes that it keeps running. */
  nodes: readonly { id: NodeId; processes: NodeProcesses }[];
  /** It leads: what it replayed can be compared. */
  onOpen(engine: Engine): void;
  onEvents(events: readonly Event[], seq: bigint): void;
  /** It has taken notice of one. */
  onHeartbeat(node: NodeId): void;
  /** It is beyond help; `error` is null when that was made on purpose. */
  onDeath(error: unknown): void;
}

/** The shipped engine, links and supervisor in a simulated process, wired as `src/api/main.ts` does. */
export class EngineProcess {
  readonly process: Process;
  readonly disk: JournalDisk;
  readonly #journal: Journal;
  engine: Engine | null = null;
  links: NodeLinks | null = null;
  /** The last connection that each node made to it. */
  readonly wires = new Map<NodeId, Wire>();
  /** That it has taken notice of. */
  heartbeats = 0;
  readonly #parts: EngineParts;
  #supervisors: NodeSupervisor[] = [];
  #watch: HealthWatch | null = null;

  constructor(parts: EngineParts) {
    this.#parts = parts;
    this.process = parts.process;
    const { process, dice, trouble } = parts;
    const die = () => parts.onDeath(null);
    this.disk = new JournalDisk({ process, dice, trouble, die });
    this.#journal = this.disk.under(this.#claim(parts.store));
    process.after(dice.between(50, 500), () => void this.#open());
  }

  /** The lock on the journal died with its last holder. */
  #claim(store: MemoryStore): Journal {
    store.depose();
    return openMemoryJournal(store);
  }

  async #open(): Promise<void> {
    const { process, dice, options, onOpen, onEvents } = this.#parts;
    const onFatal = (error: unknown) => this.#fatal(error);
    try {
      const engine = await Engine.open({ journal: this.#journal, clock: process, random: dice, options, onFatal });
      if (!process.alive) return;
      this.engine = engine;
      onOpen(engine);
      engine.subscribe(onEvents);
      const links: NodeLinks = new NodeLinks({
        engine,
        clock: process,
        onChange: () => {},
        onUnlinked: (node) => {
          for (const supervisor of this.#supervisors) supervisor.unlinked(node);
        },
        onHeartbeat: (node, frame) => {
          this.heartbeats++;
          this.#parts.onHeartbeat(node);
          watch.hear(node, frame);
        },
      });
      const watch = new HealthWatch({ engine, clock: process });
      this.#watch = watch;
      this.links = links;
      this.#supervisors = this.#parts.nodes.map(({ id: node, processes }) => {
        return new NodeSupervisor({ node, engine, links, clock: process, processes }, this.#parts.supervisor);
      });
      for (const supervisor of this.#supervisors) supervisor.start();
    } catch (error) {
      this.#fatal(error);
    }
  }

  /** What a person or program asks for. Null when it was refused; never, when the engine dies before it can say. */
  async submit(command: Command): Promise<Event[] | null> {
    try {
      return (await this.engine?.submit(command)) ?? null;
    } catch (error) {
      if (!(error instanceof GodelError)) throw error;
      return null;
    }
  }

  /** `godel down`, as `src/api/main.ts` does it, once `nodeGone` says that no node is left. */
  async shutdown(nodeGone: () => Promise<void>): Promise<void> {
    const { engine, links } = this;
    if (!engine || !links) return;
    for (const supervisor of this.#supervisors) supervisor.close();
    links.leave();
    const pids = this.#supervisors.map(({ pid }) => pid);
    await nodeGone();
    for (const [i, { id: node }] of this.#parts.nodes.entries()) {
      const pid = pids[i] ?? null;
      if (pid === null) continue;
      await engine.submit({ type: "loseNode", node, pid, reason: "godel was stopped", planned: true });
    }
    links.close();
    this.#watch?.close();
    await engine.close();
    this.#parts.onDeath(null);
  }

  #fatal(error: unknown): void {
    if (!this.process.alive) return;
    const onPurpose = error instanceof DiskFault || (error instanceof GodelError && error.code === "DISK_FULL");
    this.#parts.onDeath(onPurpose ? null : error);
  }
}
