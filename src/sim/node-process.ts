import { GodelError } from "../lib/errors.ts";
import { homeOf } from "../model/home.ts";
import type { LinkSocket } from "../model/link-socket.ts";
import type { NodeId } from "../model/records.ts";
import { Node, nodeDefaults } from "../node/node.ts";
import type { OutboxStore } from "../node/outbox.ts";
import type { NodeWorld } from "../node/ports.ts";
import type { Bugs } from "./bugs.ts";
import type { Dice } from "./dice.ts";
import type { GitWorld } from "./git-world.ts";
import type { HostWorld } from "./host-world.ts";
import type { LedgerDisk } from "./ledger-disk.ts";
import { resourcesIn } from "./machine.ts";
import { SimModels } from "./models.ts";
import { SimPool } from "./pool.ts";
import type { Provider } from "./provider.ts";
import type { Sessions } from "./sessions.ts";
import type { Process } from "./timeline.ts";
import { Trouble } from "./trouble.ts";
import type { Vitals } from "./vitals.ts";
import type { SimWorktrees } from "./worktrees.ts";

export interface NodeParts {
  id: NodeId;
  seed: number;
  process: Process;
  dice: Dice;
  trouble: Trouble;
  git: GitWorld;
  sessions: Sessions;
  vitals: Vitals;
  provider: Provider;
  outbox: OutboxStore;
  ledger: LedgerDisk;
  bugs: Bugs;
  workspaces: SimWorktrees;
  nextPid(): number;
  connect(): LinkSocket | null;
  log(line: string): void;
  onPrompt: HostWorld["onPrompt"];
  onKill: HostWorld["onKill"];
  /** The node acts on its world. */
  touch(): void;
  die(how: string): void;
  /** It has left by itself. */
  onLeft(): void;
}

/** The shipped node in a simulated process. */
export class NodeProcess {
  readonly process: Process;
  models: SimModels | null = null;
  pool: SimPool | null = null;

  constructor(parts: NodeParts) {
    this.process = parts.process;
    // It takes a moment to load.
    parts.process.after(parts.dice.between(100, 800), () => void this.#open(parts));
    const loops = () => parts.trouble.isOn("node-crash-loop");
    if (loops()) parts.process.after(parts.dice.between(1_000, 4_000), () => loops() && parts.die("dies soon"));
  }

  async #open(parts: NodeParts): Promise<void> {
    const { id, process, onLeft } = parts;
    const home = homeOf({ GODEL_HOME: `/sim/${id}` });
    try {
      await Node.open({ ...nodeDefaults, id, home, clock: process, world: this.#world(parts), onLeft });
    } catch (error) {
      // Its main prints it and exits; the supervisor starts another.
      if (!(error instanceof GodelError)) throw error;
      onLeft();
    }
  }

  #world(parts: NodeParts): NodeWorld {
    const { process, dice } = parts;
    return {
      pid: process.pid,
      cores: 4,
      env: {},
      rssBytes: () => 100e6,
      workspaces: touching(parts.workspaces, parts.touch),
      outbox: touching(parts.outbox, parts.touch),
      openModels: async (onUsage) => {
        this.models = new SimModels({ ...parts, onUsage });
        return touching(this.models, parts.touch);
      },
      openPool: (events) => {
        const models = this.models ?? new SimModels({ ...parts, onUsage: () => {} });
        this.pool = new SimPool(events, { ...parts, models });
        return touching(this.pool, parts.touch);
      },
      connect: parts.connect,
      onEngine: () => () => {},
      makeDir: () => {
        if (parts.trouble.isOn("disk-full")) throw new GodelError("DISK_FULL", "no space left on device");
      },
      removeDir: async () => {},
      sizeOf: async () => 0,
      sessionsOf: () => parts.sessions.read,
      firstTokens: () => [],
      toolCalled() {},
      usageByAttempt: async () => new Map(),
      measure: () => resourcesIn(parts.bugs.forgetsPressure ? new Trouble() : parts.trouble),
      killStrays: () => new Promise((resolve) => process.after(dice.between(1, 200), resolve)),
      log: parts.log,
    };
  }
}

/** `port`, with a word to `touch` before each call of a method. */
function touching<T extends object>(port: T, touch: () => void): T {
  const methods = new Map<string | symbol, (...args: unknown[]) => unknown>();
  return new Proxy(port, {
    get(target, name) {
      const known = methods.get(name);
      if (known) return known;
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      const method = (...args: unknown[]) => {
        touch();
        return value.apply(target, args);
      };
      methods.set(name, method);
      return method;
    },
  });
}
