import { MemoryStore } from "../journal/index.ts";
import { codeOf } from "../lib/errors.ts";
import type { LinkSocket } from "../model/link-socket.ts";
import type { Bugs } from "./bugs.ts";
import { connect } from "./connect.ts";
import { Coverage } from "./coverage.ts";
import { Dice } from "./dice.ts";
import { EngineProcess } from "./engine-process.ts";
import { GitWorld } from "./git-world.ts";
import { LedgerDisk } from "./ledger-disk.ts";
import { NodeProcess } from "./node-process.ts";
import { OutboxDisk } from "./outbox-disk.ts";
import { Promises } from "./promises.ts";
import { Provider } from "./provider.ts";
import type { Scenario } from "./scenario.ts";
import { Sessions } from "./sessions.ts";
import { Shortage } from "./shortage.ts";
import { StaleOrders } from "./stale-orders.ts";
import { Process, Timeline } from "./timeline.ts";
import { Trouble } from "./trouble.ts";
import type { Weather, Wire } from "./wire.ts";
import { Witness } from "./witness.ts";
import { SimWorktrees } from "./worktrees.ts";

export interface WorldOptions {
  scenario: Scenario;
  bugs?: Bugs;
  /** One line for each thing that happens. */
  trace?: (line: string) => void;
}

/** One machine: an engine and a node in processes of their own, and all that outlives them. */
export class World {
  readonly scenario: Scenario;
  readonly timeline = new Timeline();
  readonly trouble = new Trouble();
  readonly weather: Weather = { latencyMs: 1, silent: false, repeats: false };
  readonly coverage = new Coverage();
  readonly git = new GitWorld();
  readonly provider: Provider;
  readonly sessions: Sessions;
  readonly store = new MemoryStore();
  readonly outbox = new OutboxDisk(this.trouble);
  readonly witness: Witness;
  readonly ledger: LedgerDisk;
  readonly promises: Promises;
  readonly stale: StaleOrders;
  readonly bugs: Bugs;
  engine: EngineProcess | null = null;
  node: NodeProcess | null = null;
  wire: Wire | null = null;
  /** How far the wall clock of the next process is off, in ms. */
  skewMs = 0;
  /** The engine was told to stop, and is not to be started yet. */
  down = false;
  failure: unknown = null;
  /** The last moment at which a team was not over. */
  workedMs = 0;
  /** Goes up whenever the node acts on its world. */
  acts = 0;
  readonly #shortage = new Shortage(this.trouble);
  readonly #dice: Dice;
  readonly #trace: ((line: string) => void) | undefined;
  #onNodeExit = () => {};
  #pids = 100;

  constructor({ scenario, bugs = {}, trace }: WorldOptions) {
    this.scenario = scenario;
    this.witness = new Witness(this.coverage, scenario);
    this.provider = new Provider(scenario.provider);
    this.bugs = bugs;
    this.#trace = trace;
    this.#dice = new Dice(scenario.seed, "world");
    this.sessions = new Sessions(new Dice(scenario.seed, "sessions"), (broken) => this.fail(broken));
    this.ledger = new LedgerDisk(this.trouble, bugs);
    this.promises = new Promises(this);
    this.stale = new StaleOrders(this, bugs);
    this.startEngine();
  }

  log(line: string): void {
    this.#trace?.(`${(this.timeline.now / 1_000).toFixed(3).padStart(10)} s  ${line}`);
  }

  /** The first failure is the one that counts. */
  fail(error: unknown): void {
    this.failure ??= error;
  }

  startEngine(): void {
    const process = this.#process();
    const of =
      <T extends unknown[]>(task: (...args: T) => void) =>
      (...args: T) =>
        process.alive ? this.#guard(() => task(...args)) : undefined;
    this.log(`engine ${process.pid} starts`);
    const own: EngineProcess = new EngineProcess({
      process,
      dice: this.#dice,
      trouble: this.trouble,
      store: this.store,
      options: { ...this.scenario.engine, ...this.bugs.engine },
      supervisor: this.bugs.supervisor,
      processes: {
        nodeLives: () => this.node !== null,
        nodePid: () => this.node?.process.pid ?? null,
        isAlive: (pid) => this.node?.process.pid === pid,
        kill: (pid) => {
          if (this.node?.process.pid === pid) this.killNode("killed by the supervisor");
        },
        spawn: (onExit) => this.#spawnNode(() => process.run(onExit)),
      },
      onOpen: (engine) => {
        this.log(`engine ${process.pid} leads with epoch ${engine.state.epoch}`);
        this.witness.compare(this.store, engine.state, this.promises).catch((error) => this.fail(error));
      },
      onEvents: of((events, seq) => {
        // Another leads already, and has read them in the journal.
        if (own !== this.engine && seq <= this.witness.seq) return;
        if (this.#trace) for (const { at: _, ...event } of events) this.log(JSON.stringify(event));
        this.promises.heard(this.witness.hear(events, seq));
        this.#shortage.told(own, events);
      }),
      onHeartbeat: () => this.#shortage.beat(own),
      onDeath: of((error) => {
        const refused = own !== this.engine && codeOf(error) === "EPOCH_STALE";
        if (refused) this.coverage.add("replaced leader refused");
        else if (error !== null) this.fail(error);
        this.killEngine("ended by itself", own);
      }),
    });
    this.engine = own;
  }

  /** Another takes the lead, as when the lock's file is deleted; the one before it does not know, and goes on for a while. */
  replaceEngine(lastsMs: number): boolean {
    const { engine } = this;
    if (!engine?.engine || this.down) return false;
    this.timeline.after(lastsMs, () => this.killEngine("is found, and killed", engine));
    this.startEngine();
    return true;
  }

  /** A new one is started a while later, as a person or `godel up` would. */
  killEngine(how: string, engine = this.engine): void {
    if (!engine?.process.alive) return;
    this.log(`engine ${engine.process.pid} ${how}`);
    engine.process.kill();
    engine.wire?.abandon(engine.wire.engine);
    if (engine !== this.engine) return;
    this.bugs.engineDied?.(this.store);
    this.engine = null;
    this.timeline.after(this.#dice.between(200, 10_000), () => {
      if (!this.engine) this.startEngine();
    });
  }

  killNode(how: string): void {
    const node = this.node;
    if (!node) return;
    this.log(`node ${node.process.pid} ${how}`);
    node.process.kill();
    this.#guard(() => this.promises.nodeDied(this.timeline.now));
    this.node = null;
    this.provider.abandon(this.#dice);
    for (const attempt of this.ledger.unsettled) this.provider.interrupted.add(attempt);
    this.ledger.tear(this.#dice);
    this.wire?.abandon(this.wire.node);
    this.#onNodeExit();
  }

  /** After each step, once nothing is left to run at this moment. */
  check(): void {
    if (this.witness.state.index.active.size > 0) this.workedMs = this.timeline.now;
    this.#guard(() => this.promises.check());
    this.#guard(() => this.stale.check());
  }

  /** What is still open, or null when the world has come to rest. */
  unfinished(): string | null {
    const open = this.promises.unfinished();
    if (open !== null) return open;
    const { pool, models } = this.node ?? {};
    if ((pool?.agents ?? 0) > 0 || (models?.grants ?? 0) > 0) return "the node has agents or grants";
    if (!models?.recovered) return "what was spent is not told";
    if (this.outbox.undelivered > 0 || this.engine?.disk.appending) return "not all is in the journal";
    return null;
  }

  nextPid(): number {
    return ++this.#pids;
  }

  #process(): Process {
    return new Process(this.timeline, this.nextPid(), this.skewMs);
  }

  #spawnNode(onExit: () => void): number | null {
    const process = this.#process();
    // It would find the lock held, and exit.
    if (this.node) {
      this.timeline.after(100, onExit);
      return process.pid;
    }
    this.log(`node ${process.pid} starts`);
    this.#onNodeExit = onExit;
    const die = (how = "dies in the middle of git") => this.killNode(how);
    const parts = { process, git: this.git, dice: this.#dice, trouble: this.trouble, die };
    this.node = new NodeProcess({
      ...parts,
      seed: this.scenario.seed,
      provider: this.provider,
      sessions: this.sessions,
      outbox: this.outbox,
      ledger: this.ledger,
      bugs: this.bugs,
      workspaces: this.bugs.worktrees?.(parts) ?? new SimWorktrees(parts),
      nextPid: () => this.nextPid(),
      connect: () => this.#connect(process),
      log: (line) => this.log(`node ${process.pid}: ${line}`),
      onPrompt: (agent, attempt) => this.#guard(() => this.promises.prompted(agent, attempt)),
      onKill: (attempt, agents) => this.#guard(() => this.promises.killsHost(attempt, agents)),
      touch: () => {
        if (process.alive) this.acts++;
      },
      onLeft: () => {
        if (process.alive) this.killNode("has left");
      },
    });
    return process.pid;
  }

  /** Null while there is no engine.json. */
  #connect(node: Process): LinkSocket | null {
    const { engine, timeline, weather, stale, bugs } = this;
    if (this.down || !engine) return null;
    const fail = (error: unknown) => this.fail(error);
    const { wire, socket } = connect({ timeline, weather, stale, bugs, dice: this.#dice, fail, node, engine });
    if (wire) this.wire = wire;
    return socket;
  }

  #guard(task: () => void): void {
    try {
      task();
    } catch (error) {
      this.fail(error);
    }
  }
}
