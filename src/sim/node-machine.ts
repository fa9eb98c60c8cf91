import type { NodeProcesses } from "../api/node-supervisor.ts";
import type { LinkSocket } from "../model/link-socket.ts";
import type { AttemptId, NodeId } from "../model/records.ts";
import { attemptEnded } from "../model/states.ts";
import type { Bugs } from "./bugs.ts";
import { connect } from "./connect.ts";
import type { Coverage } from "./coverage.ts";
import type { Dice } from "./dice.ts";
import type { EngineProcess } from "./engine-process.ts";
import type { GitWorld } from "./git-world.ts";
import { LedgerDisk } from "./ledger-disk.ts";
import { type NodeParts, NodeProcess } from "./node-process.ts";
import { OutboxDisk } from "./outbox-disk.ts";
import type { Promises } from "./promises.ts";
import type { Provider } from "./provider.ts";
import type { Scenario } from "./scenario.ts";
import type { Sessions } from "./sessions.ts";
import { Shortage } from "./shortage.ts";
import { StaleOrders } from "./stale-orders.ts";
import type { Process, Timeline } from "./timeline.ts";
import type { TimelyPromises } from "./timely-promises.ts";
import { Trouble } from "./trouble.ts";
import type { Weather, Wire } from "./wire.ts";
import type { Witness } from "./witness.ts";
import { SimWorktrees } from "./worktrees.ts";

/** The world around a machine. */
export interface Around {
  readonly scenario: Scenario;
  readonly bugs: Bugs;
  readonly timeline: Timeline;
  readonly dice: Dice;
  readonly coverage: Coverage;
  readonly git: GitWorld;
  readonly provider: Provider;
  readonly sessions: Sessions;
  readonly timely: TimelyPromises;
  readonly promises: Promises;
  readonly witness: Witness;
  readonly engine: EngineProcess | null;
  /** The engine was told to stop, and is not to be started yet. */
  readonly down: boolean;
  newProcess(): Process;
  nextPid(): number;
  log(line: string): void;
  fail(error: unknown): void;
  guard(task: () => void): void;
}

/** A machine with a node on it: its disk, its link and its troubles outlive the processes of the node. */
export class NodeMachine {
  readonly id: NodeId;
  readonly trouble = new Trouble();
  readonly weather: Weather = { latencyMs: 1, silent: false, repeats: false };
  readonly outbox = new OutboxDisk(this.trouble);
  readonly ledger: LedgerDisk;
  readonly stale: StaleOrders;
  readonly shortage: Shortage;
  readonly coverage: Coverage;
  node: NodeProcess | null = null;
  wire: Wire | null = null;
  /** Goes up whenever the node acts on its world. */
  acts = 0;
  readonly #around: Around;
  #onExit = () => {};

  constructor(id: NodeId, around: Around) {
    this.id = id;
    this.#around = around;
    this.coverage = around.coverage;
    this.ledger = new LedgerDisk(this.trouble, around.bugs);
    this.stale = new StaleOrders(this, around.bugs);
    this.shortage = new Shortage(this);
  }

  /** As the supervisor of `engine` sees them. */
  processesFor(engine: Process): NodeProcesses {
    return {
      nodeLives: () => this.node !== null,
      nodePid: () => this.node?.process.pid ?? null,
      isAlive: (pid) => this.node?.process.pid === pid,
      kill: (pid) => {
        if (this.node?.process.pid === pid) this.kill("killed by the supervisor");
      },
      spawn: (onExit) => (this.trouble.isOn("spawn-refused") ? null : this.#spawn(() => engine.run(onExit))),
    };
  }

  kill(how: string): void {
    const { node } = this;
    const around = this.#around;
    if (!node) return;
    around.log(`node ${this.id} (${node.process.pid}) ${how}`);
    node.process.kill();
    around.guard(() => around.promises.nodeDied(this.id, around.timeline.now));
    this.node = null;
    around.provider.abandon(node.process, around.dice);
    for (const attempt of this.ledger.unsettled) around.provider.interrupted.add(attempt);
    this.ledger.tear(around.dice);
    this.wire?.abandon(this.wire.node);
    this.#onExit();
  }

  isSuperseded(attempt: AttemptId): boolean {
    const state = this.#around.witness.state.attempts.get(attempt)?.state;
    return state !== undefined && attemptEnded(state) && state !== "accepted";
  }

  /** What is still open, or null when it has come to rest. */
  unfinished(): string | null {
    const { pool, models } = this.node ?? {};
    if ((pool?.agents ?? 0) > 0 || (models?.grants ?? 0) > 0) return `node ${this.id} has agents or grants`;
    if (!models?.recovered) return `what was spent on node ${this.id} is not told`;
    return this.outbox.undelivered > 0 ? `not all of node ${this.id} is in the journal` : null;
  }

  #spawn(onExit: () => void): number {
    const around = this.#around;
    const process = around.newProcess();
    // It would find the lock held, and exit.
    if (this.node) {
      around.timeline.after(100, onExit);
      return process.pid;
    }
    around.log(`node ${this.id} (${process.pid}) starts`);
    this.#onExit = onExit;
    this.node = new NodeProcess(this.#partsOf(process));
    return process.pid;
  }

  #partsOf(process: Process): NodeParts {
    const around = this.#around;
    const { git, dice, bugs, provider, sessions } = around;
    const { id, trouble, outbox, ledger } = this;
    const die = (how = "dies in the middle of git") => this.kill(how);
    const parts = { id, process, git, dice, trouble, die };
    return {
      ...parts,
      seed: around.scenario.seed,
      provider,
      sessions,
      vitals: around.timely.vitals,
      outbox,
      ledger,
      bugs,
      workspaces: bugs.worktrees?.(parts) ?? new SimWorktrees(parts),
      nextPid: () => around.nextPid(),
      connect: () => this.#connect(process),
      log: (line) => around.log(`node ${id} (${process.pid}): ${line}`),
      onPrompt: (agent, attempt) => around.guard(() => around.promises.prompted(agent, attempt)),
      onKill: (attempt, agents) => around.guard(() => around.promises.killsHost(attempt, agents)),
      touch: () => {
        if (process.alive) this.acts++;
      },
      onLeft: () => {
        if (process.alive) this.kill("has left");
      },
    };
  }

  /** Null while there is no engine.json. */
  #connect(node: Process): LinkSocket | null {
    const { engine, down, timeline, dice, bugs } = this.#around;
    if (down || !engine) return null;
    const fail = (error: unknown) => this.#around.fail(error);
    const { weather, stale, id } = this;
    const { wire, socket } = connect({ timeline, weather, stale, bugs, dice, fail, id, node, engine });
    if (wire) this.wire = wire;
    return socket;
  }
}
