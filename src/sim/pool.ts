import { type Millis, sleep } from "../lib/clock.ts";
import { GodelError } from "../lib/errors.ts";
import type { AgentId } from "../model/records.ts";
import type { HostBeat } from "../model/signs.ts";
import type { HostPoolEvents, StartRequest } from "../node/host-pool.ts";
import type { AgentPool, PooledAgent } from "../node/ports.ts";
import type { RuntimeEvent } from "../runtimes/index.ts";
import { SimAgent } from "./agent.ts";
import type { AgentHost, HostWorld } from "./host-world.ts";

const agentsPerHost = 4;
/** Silence after which the pool says that a host hangs, in ms. */
const hungAfterMs = 10_000;

/** A process that holds agents. When it dies, all that is asked of it is answered at once. */
export class SimHost implements AgentHost {
  readonly pid: number;
  readonly world: HostWorld;
  readonly agents = new Map<AgentId, SimAgent | null>();
  readonly #pool: SimPool;
  readonly #swept = Promise.withResolvers<void>();
  /** It holds one agent and takes no other. */
  isOfOne = false;
  heardAt: Millis;
  #isHung = false;
  #alive = true;
  #hangs = Promise.resolve();

  constructor(pool: SimPool, world: HostWorld) {
    this.#pool = pool;
    this.world = world;
    this.pid = world.nextPid();
    this.heardAt = world.process.monotonic();
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Whether it gives a sign of life when it is asked. */
  get answers(): boolean {
    return this.#alive && !this.#isHung;
  }

  get isBusy(): boolean {
    return [...this.agents.values()].some((agent) => agent?.isBusy);
  }

  /** Resolves while the host does not hang. */
  responsive(): Promise<void> {
    return this.#hangs;
  }

  ping(): void {
    if (this.answers) this.heardAt = this.world.process.monotonic();
  }

  hang(): void {
    if (!this.#alive) return;
    this.#isHung = true;
    this.world.vitals.hangs(this);
    this.#hangs = new Promise(() => {});
    this.#look();
  }

  /** `answer`, or what to say when the host dies before it and nothing of it runs any more. */
  orLost<T>(answer: Promise<T>, lost: () => T): Promise<T> {
    return Promise.race([answer, this.#swept.promise.then(lost)]);
  }

  hear(agent: AgentId, event: RuntimeEvent): void {
    if (this.#alive) this.#pool.events.onEvent(agent, event);
  }

  forget(agent: AgentId): void {
    this.agents.delete(agent);
  }

  /** Nobody hears that it died before what its agents had started is gone too. */
  die(how: string): void {
    if (!this.#alive) return;
    this.#alive = false;
    this.world.process.after(this.world.dice.between(5, 500), () => {
      this.#swept.resolve();
      this.#pool.gone(this, `agent host ${this.pid} ${how}`);
    });
  }

  /** As the pool does: hosts with work sooner than idle ones. */
  #look(): void {
    const afterMs = this.isBusy ? hungAfterMs : 2 * hungAfterMs;
    this.world.process.after(afterMs, () => {
      if (this.#alive) this.#pool.events.onHostHung(this.pid, hungAfterMs);
    });
  }
}

/** The agent hosts of one node process. They die with it. */
export class SimPool implements AgentPool {
  readonly events: HostPoolEvents;
  readonly hosts = new Set<SimHost>();
  readonly #world: HostWorld;

  constructor(events: HostPoolEvents, world: HostWorld) {
    this.events = events;
    this.#world = world;
  }

  start(requests: StartRequest[]): Promise<PooledAgent>[] {
    return requests.map(({ spec, alone = false }) => {
      const host = this.#place(spec.id, alone);
      const agent = host
        .orLost<PooledAgent | null>(this.#start(host, spec.id), () => null)
        .then((started) => {
          if (!started) throw new GodelError("RUNTIME_FAILED", `host ${host.pid} is gone`);
          return started;
        });
      agent.catch(() => {});
      return agent;
    });
  }

  get agents(): number {
    return [...this.hosts].reduce((sum, { agents }) => sum + agents.size, 0);
  }

  async prewarm(): Promise<void> {}

  kill(pid: number, why: string): void {
    for (const host of this.hosts) if (host.pid === pid) host.die(`was ended by its node: ${why}`);
  }

  keepWarm(): void {}
  /** Whether the host of that process gives signs of life. */
  answers(pid: number): boolean {
    return [...this.hosts].some((host) => host.pid === pid && host.answers);
  }

  ping(): void {
    for (const host of this.hosts) host.ping();
  }

  beats(): HostBeat[] {
    const now = this.#world.process.monotonic();
    const held = [...this.hosts].filter(({ agents, alive }) => agents.size > 0 && alive);
    return held.map(({ pid, heardAt }) => ({ pid, agoMs: now - heardAt }));
  }

  hostStats(): readonly unknown[] {
    return [...this.hosts];
  }

  async close(): Promise<void> {
    await sleep(this.#world.process, this.#world.dice.between(10, 3_000));
    this.hosts.clear();
  }

  gone(host: SimHost, reason: string): void {
    if (!this.hosts.delete(host)) return;
    if (host.agents.size > 0) this.events.onHostLost(host.pid, [...host.agents.keys()], reason);
    for (const [id, agent] of host.agents) if (agent && !agent.isStopping) this.events.onAgentLost(id, reason);
  }

  #place(id: AgentId, alone: boolean): SimHost {
    const shared = [...this.hosts].filter((host) => host.alive && !host.isOfOne);
    const room = alone ? undefined : shared.find((host) => host.agents.size < agentsPerHost);
    const host = room ?? new SimHost(this, this.#world);
    host.isOfOne = alone;
    this.hosts.add(host);
    host.agents.set(id, null);
    return host;
  }

  async #start(host: SimHost, id: AgentId): Promise<PooledAgent> {
    const { process, dice, trouble } = this.#world;
    await sleep(process, dice.between(50, 1_500));
    await host.responsive();
    if (trouble.isOn("agents-fail-to-start") && dice.chance(0.7)) {
      host.agents.delete(id);
      throw new GodelError("RUNTIME_FAILED", "the agent did not start");
    }
    const agent = new SimAgent(id, host);
    // A dead host says nothing more.
    if (!host.alive) return new Promise(() => {});
    host.agents.set(id, agent);
    return agent;
  }
}
