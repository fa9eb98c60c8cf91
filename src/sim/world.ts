import { MemoryStore } from "../journal/index.ts";
import { present } from "../lib/assert.ts";
import { codeOf } from "../lib/errors.ts";
import type { NodeId } from "../model/records.ts";
import { type Bugs, engineOptions } from "./bugs.ts";
import { Coverage } from "./coverage.ts";
import { Dice } from "./dice.ts";
import { EngineProcess } from "./engine-process.ts";
import { GitWorld } from "./git-world.ts";
import { type Around, NodeMachine } from "./node-machine.ts";
import { Promises } from "./promises.ts";
import { Provider } from "./provider.ts";
import { nodesOf, type Scenario } from "./scenario.ts";
import { Sessions } from "./sessions.ts";
import { Process, Timeline } from "./timeline.ts";
import { TimelyPromises } from "./timely-promises.ts";
import { Trouble } from "./trouble.ts";
import { Witness } from "./witness.ts";

export interface WorldOptions {
  scenario: Scenario;
  bugs?: Bugs;
  /** One line for each thing that happens. */
  trace?: (line: string) => void;
}

/** An engine and a few nodes in processes of their own, and all that outlives them. */
export class World implements Around {
  readonly scenario: Scenario;
  readonly timeline = new Timeline();
  /** Of the engine's disk. */
  readonly trouble = new Trouble();
  readonly coverage = new Coverage();
  readonly git = new GitWorld();
  readonly provider: Provider;
  readonly sessions: Sessions;
  readonly store = new MemoryStore();
  readonly witness: Witness;
  readonly machines: ReadonlyMap<NodeId, NodeMachine>;
  readonly promises: Promises;
  readonly bugs: Bugs;
  readonly dice: Dice;
  engine: EngineProcess | null = null;
  /** How far the wall clock is off, in ms. */
  skewMs = 0;
  down = false;
  failure: unknown = null;
  /** The last moment at which a team was not over. */
  workedMs = 0;
  readonly #look = () => {
    this.promises.check();
    for (const { stale } of this.machines.values()) stale.check();
  };
  readonly timely: TimelyPromises;
  readonly #trace: ((line: string) => void) | undefined;
  #pids = 100;

  constructor({ scenario, bugs = {}, trace }: WorldOptions) {
    this.scenario = scenario;
    this.witness = new Witness(this.coverage, scenario, (event) => this.timely.heard(event));
    this.timely = new TimelyPromises(this);
    this.provider = new Provider(scenario.provider);
    this.bugs = bugs;
    this.#trace = trace;
    this.dice = new Dice(scenario.seed, "world");
    this.sessions = new Sessions(new Dice(scenario.seed, "sessions"), (broken) => this.fail(broken));
    this.machines = new Map(nodesOf(scenario).map((id) => [id, new NodeMachine(id, this)]));
    this.promises = new Promises(this);
    this.startEngine();
  }

  /** The one that something befalls, by a roll from 0 to 1 that may mean other things too. */
  machineFor(roll: number): NodeMachine {
    const all = [...this.machines.values()];
    return present(all[Math.floor(roll * 1_000) % all.length], "a machine");
  }

  /** Of the engine's disk and of all machines. */
  get troubles(): Trouble[] {
    return [this.trouble, ...[...this.machines.values()].map(({ trouble }) => trouble)];
  }

  log(line: string): void {
    this.#trace?.(`${(this.timeline.now / 1_000).toFixed(3).padStart(10)} s  ${line}`);
  }

  /** The first failure is the one that counts. */
  fail(error: unknown): void {
    this.failure ??= error;
  }

  startEngine(): void {
    const process = this.newProcess();
    const of =
      <T extends unknown[]>(task: (...args: T) => void) =>
      (...args: T) =>
        process.alive ? this.guard(() => task(...args)) : undefined;
    this.log(`engine ${process.pid} starts`);
    const own: EngineProcess = new EngineProcess({
      process,
      dice: this.dice,
      trouble: this.trouble,
      store: this.store,
      options: engineOptions(this.scenario, this.bugs),
      supervisor: this.bugs.supervisor,
      nodes: [...this.machines].map(([id, machine]) => ({ id, processes: machine.processesFor(process) })),
      onOpen: (engine) => {
        this.log(`engine ${process.pid} leads with epoch ${engine.state.epoch}`);
        this.witness.compare(this.store, engine.state, this.promises).catch((error) => this.fail(error));
      },
      onEvents: of((events, seq) => {
        // Another leads already, and has read them in the journal.
        if (own !== this.engine && seq <= this.witness.seq) return;
        if (this.#trace) for (const { at: _, ...event } of events) this.log(JSON.stringify(event));
        this.promises.heard(this.witness.hear(events, seq));
        for (const { shortage } of this.machines.values()) shortage.told(own, events);
      }),
      onHeartbeat: of((node) => {
        this.machines.get(node)?.shortage.beat(own);
        if (own === this.engine) this.timely.beat(own, node);
      }),
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
    for (const wire of engine.wires.values()) wire.abandon(wire.engine);
    if (engine !== this.engine) return;
    this.bugs.engineDied?.(this.store);
    this.engine = null;
    this.timeline.after(this.dice.between(200, 10_000), () => {
      if (!this.engine) this.startEngine();
    });
  }

  /** After each step, once nothing is left to run at this moment. */
  check(): void {
    if (this.witness.state.index.active.size > 0) this.workedMs = this.timeline.now;
    this.guard(this.#look);
  }

  /** What is still open, or null when the world has come to rest. */
  unfinished(): string | null {
    const open = this.promises.unfinished();
    if (open !== null) return open;
    for (const machine of this.machines.values()) {
      const unfinished = machine.unfinished();
      if (unfinished !== null) return unfinished;
    }
    return this.engine?.disk.appending ? "not all is in the journal" : null;
  }

  /** The wall clock is set, under processes that run and for those to come. */
  jump(ms: number): void {
    this.skewMs += ms;
    this.engine?.process.jump(ms);
    for (const { node } of this.machines.values()) node?.process.jump(ms);
  }

  nextPid(): number {
    return ++this.#pids;
  }

  newProcess(): Process {
    return new Process(this.timeline, this.nextPid(), this.skewMs);
  }

  guard(task: () => void): void {
    try {
      task();
    } catch (error) {
      this.fail(error);
    }
  }
}
