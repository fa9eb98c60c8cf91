import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Engine } from "../engine/engine.ts";
import type { Clock } from "../lib/clock.ts";
import { codeOf } from "../lib/errors.ts";
import { acquireProcessLock } from "../lib/process-lock.ts";
import type { Home } from "../model/home.ts";
import type { NodeId } from "../model/records.ts";
import type { NodeLinks } from "./node-link.ts";

/** The node that an engine starts for its own machine. */
export const localNode: NodeId = "local";

export interface SupervisorOptions {
  /** How often the process of an unlinked node is looked at, in ms. Default 200. */
  checkMs: number;
  /** How long a node may live without a link before it is killed and replaced, in ms. Default 30,000. */
  deadAfterMs: number;
  /** Wait before a node that died is started again, in ms. Default 250; doubles up to 30 s while it keeps dying. */
  restartMs: number;
}

const defaults: SupervisorOptions = { checkMs: 200, deadAfterMs: 30_000, restartMs: 250 };
const maxRestartMs = 30_000;

export interface SupervisorParts {
  engine: Engine;
  links: NodeLinks;
  clock: Clock;
  home: Home;
}

/**
 * Keeps one node running beside the engine, in a process that outlives it.
 *
 * An engine that starts anew finds its predecessor's node by the process id in the journal and waits for it to link.
 * Work is given to others only once the old process is known to be gone: it is the fence on one machine.
 */
export class NodeSupervisor {
  readonly #parts: SupervisorParts;
  readonly #options: SupervisorOptions;
  #pid: number | null;
  #unlinkedAt: number;
  #failures = 0;
  #cancel = () => {};
  #closed = false;

  constructor(parts: SupervisorParts, options: SupervisorOptions = defaults) {
    this.#parts = parts;
    this.#options = options;
    const known = parts.engine.state.nodes.get(localNode);
    this.#pid = known && known.state !== "lost" ? known.pid : null;
    this.#unlinkedAt = parts.clock.monotonic();
  }

  get pid(): number | null {
    return this.#parts.links.pidOf(localNode) ?? this.#pid;
  }

  start(): void {
    if (this.#pid !== null && nodeLives(this.#parts.home)) this.#watch();
    else void this.#replace("its process is gone");
  }

  /** The link broke: the node may be gone, or only out of reach. */
  unlinked(node: NodeId): void {
    if (node !== localNode || this.#closed) return;
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
    const { links, clock } = this.#parts;
    const linkedPid = links.pidOf(localNode);
    if (linkedPid !== null) {
      this.#pid = linkedPid;
      this.#failures = 0;
      return;
    }
    if (this.#pid === null || !isAlive(this.#pid)) return void this.#replace("its process died");
    if (clock.monotonic() - this.#unlinkedAt > this.#options.deadAfterMs) kill(this.#pid);
    this.#cancel = clock.after(this.#options.checkMs, () => this.#watch());
  }

  async #replace(reason: string): Promise<void> {
    await this.#parts.engine.submit({ type: "loseNode", node: localNode, reason, planned: false });
    if (this.#closed) return;
    const delay = this.#failures === 0 ? 0 : Math.min(this.#options.restartMs * 2 ** this.#failures, maxRestartMs);
    this.#failures++;
    this.#cancel = this.#parts.clock.after(delay, () => this.#spawn());
  }

  #spawn(): void {
    const { home, clock } = this.#parts;
    const log = openSync(home.nodeLog, "a", 0o600);
    const main = fileURLToPath(new URL("../node/main.ts", import.meta.url));
    // Detached, with files for its output: it must not go when the engine does.
    const child = spawn(process.execPath, [...process.execArgv, main], {
      detached: true,
      stdio: ["ignore", log, log],
      env: { ...process.env, GODEL_HOME: home.dir },
    });
    closeSync(log);
    child.on("error", () => {});
    child.on("exit", () => this.#watch());
    child.unref();
    this.#pid = child.pid ?? null;
    this.#unlinkedAt = clock.monotonic();
    this.#watch();
  }
}

/** Whether a node holds the lock of this home. Its pid alone would prove nothing: after a reboot it is somebody else's. */
function nodeLives({ nodeLock }: Home): boolean {
  try {
    acquireProcessLock(nodeLock).release();
    return false;
  } catch (error) {
    if (codeOf(error) !== "ENGINE_RUNNING") throw error;
    return true;
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // Gone already, which is what was wanted.
  }
}
