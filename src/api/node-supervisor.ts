import type { Engine } from "../engine/engine.ts";
import type { Clock, Millis } from "../lib/clock.ts";
import type { NodeId } from "../model/records.ts";
import type { NodeLinks } from "./node-link.ts";

/** The node that an engine starts for its own machine. */
export const localNode: NodeId = "local";

export interface SupervisorOptions {
  /** How often the process of an unlinked node is looked at, in ms. Default 200. */
  checkMs: number;
  /** How long a node may live without a link before it is killed and replaced, in ms. Default 30,000. */
  deadAfterMs: number;
  /** Wait before a node that died is started again, in ms. Default 250; doubles up to a minute while it keeps dying. */
  restartMs: number;
}

const defaults: SupervisorOptions = { checkMs: 200, deadAfterMs: 30_000, restartMs: 250 };
const maxRestartMs = 60_000;

export interface SupervisorParts {
  /** Which it keeps running. Default: the one of the engine's own machine. */
  node?: NodeId;
  engine: Engine;
  links: NodeLinks;
  clock: Clock;
  processes: NodeProcesses;
}

/** The processes of this machine, as far as they are nodes. */
export interface NodeProcesses {
  /** Whether a node works for this home. The pid of one would prove nothing: after a reboot it is somebody else's. */
  nodeLives(): boolean;
  /** Of the node that works for this home, where one does and has said so. */
  nodePid(): number | null;
  isAlive(pid: number): boolean;
  /** Ends it at once. Nothing happens when it is gone. */
  kill(pid: number): void;
  /** Starts a node that outlives this process. Answers its pid, or null where the machine refused. */
  spawn(onExit: () => void): number | null;
}

/**
 * Keeps one node running beside the engine, in a process that outlives it.
 *
 * An engine that starts anew finds its predecessor's node by the process id in the journal and waits for it to link.
 * Work is given to others only once the old process is known to be gone: it is the fence on one machine.
 */
export class NodeSupervisor {
  readonly #node: NodeId;
  readonly #parts: SupervisorParts;
  readonly #options: SupervisorOptions;
  #pid: number | null;
  #unlinkedAt: number;
  /** Starts in a row that came to no link. */
  #failures = 0;
  #cancel = () => {};
  #closed = false;

  constructor(parts: SupervisorParts, options: SupervisorOptions = defaults) {
    this.#node = parts.node ?? localNode;
    this.#parts = parts;
    this.#options = options;
    const known = parts.engine.state.nodes.get(this.#node);
    this.#pid = known && known.state !== "lost" ? known.pid : null;
    this.#unlinkedAt = parts.clock.monotonic();
  }

  get pid(): number | null {
    return this.#parts.links.pidOf(this.#node) ?? this.#pid;
  }

  start(): void {
    if (this.#pid !== null && this.#parts.processes.nodeLives()) this.#watch();
    else void this.#replace("its process is gone");
  }

  /** The link broke: the node may be gone, or only out of reach. */
  unlinked(node: NodeId): void {
    if (node !== this.#node || this.#closed) return;
    this.#unlinkedAt = this.#parts.clock.monotonic();
    void this.#parts.engine.submit({ type: "suspectNode", node });
    this.#watch();
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
  }

  #watch(): void {
    this.#cancel();
    if (this.#closed) return;
    const { links, clock, processes } = this.#parts;
    const linkedPid = links.pidOf(this.#node);
    if (linkedPid !== null) {
      this.#pid = linkedPid;
      this.#failures = 0;
      return;
    }
    if (this.#pid === null || !processes.isAlive(this.#pid)) return void this.#replace("its process died");
    if (clock.monotonic() - this.#unlinkedAt > this.#options.deadAfterMs) void this.#kill(this.#pid);
    this.#cancel = clock.after(this.#options.checkMs, () => this.#watch());
  }

  async #replace(reason: string): Promise<void> {
    const { engine, links, processes } = this.#parts;
    const pid = this.#pid;
    if (pid !== null) await engine.submit({ type: "loseNode", node: this.#node, pid, reason, planned: false });
    if (this.#closed) return;
    // Another was there already: the one that we started found its place taken, and went.
    if (links.pidOf(this.#node) !== null) return this.#watch();
    const other = processes.nodePid();
    if (other !== null && other !== pid) return this.#adopt(other);
    this.#cancel = this.#parts.clock.after(this.#restartDelay(), () => void this.#spawn());
    this.#failures++;
  }

  /** None after the first death. One that links and dies soon after is in as bad a way as one that never links. */
  #restartDelay(): Millis {
    const crashes = this.#parts.engine.state.nodes.get(this.#node)?.crashes?.count ?? 0;
    const before = Math.max(this.#failures, crashes - 1);
    return before === 0 ? 0 : Math.min(this.#options.restartMs * 2 ** before, maxRestartMs);
  }

  /** One that an engine before us had started, and that has not linked yet: another beside it would find its place taken. */
  #adopt(pid: number): void {
    this.#pid = pid;
    this.#unlinkedAt = this.#parts.clock.monotonic();
    this.#watch();
  }

  /** Its link may be with another engine, which leads now. */
  async #kill(pid: number): Promise<void> {
    if ((await this.#parts.engine.leads()) && !this.#closed) this.#parts.processes.kill(pid);
  }

  /** An engine that was replaced would start nodes as often as the one that leads, and each would wait for itself alone. */
  async #spawn(): Promise<void> {
    const { engine, processes, clock } = this.#parts;
    if (!(await engine.leads()) || this.#closed) return;
    this.#pid = processes.spawn(() => this.#watch());
    this.#unlinkedAt = clock.monotonic();
    this.#watch();
  }
}
