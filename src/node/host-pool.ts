import { mkdirSync } from "node:fs";
import pLimit, { type LimitFunction } from "p-limit";
import { assert, present } from "../lib/assert.ts";
import type { Millis } from "../lib/clock.ts";
import type { AgentId, RuntimeName } from "../model/records.ts";
import type { HostBeat } from "../model/signs.ts";
import type { AgentSpec, RuntimeEvent } from "../runtimes/index.ts";
import { Host, type HostStats } from "./host.ts";
import { type HostPoolOptions, resolveHostOptions } from "./host-options.ts";
import { type HostWatch, hostWatch } from "./host-watch.ts";
import { HostedAgent } from "./hosted-agent.ts";

export interface HostPoolEvents {
  onEvent(agent: AgentId, event: RuntimeEvent): void;
  /** A host with agents died; each of them that was ready is told of next. */
  onHostLost(pid: number, agents: AgentId[], reason: string): void;
  /** The host of an agent that was ready died. One that was starting is told by its promise instead. */
  onAgentLost(agent: AgentId, reason: string): void;
  /** A host has been silent this long. Said once per silence; the host is left as it is. */
  onHostHung(pid: number, silentMs: Millis): void;
}

export interface StartRequest {
  spec: AgentSpec;
  runtime: RuntimeName;
  /** In a host of its own. */
  alone?: boolean;
}

/** The runtime whose hosts are worth keeping without agents, as they load slowly. */
const warmRuntime = "pi";

/** All agent hosts of a node: places agents on them, starts and ends them as needed, and tells of those that die. */
export class HostPool {
  private readonly options: HostPoolOptions;
  private readonly events: HostPoolEvents;
  private readonly hosts = new Set<Host>();
  private readonly agents = new Map<AgentId, HostedAgent>();
  private readonly limit: LimitFunction;
  private readonly watch: HostWatch;
  private readonly ends = new Map<Host, PromiseWithResolvers<void>>();
  private closed = false;
  private warm = true;

  constructor(events: HostPoolEvents, given: Partial<HostPoolOptions> & { cacheDir: string }) {
    this.options = resolveHostOptions(given);
    this.events = events;
    this.limit = pLimit(this.options.hostStartsAtOnce);
    this.watch = hostWatch(this.hosts, { ...this.options, onHung: events.onHostHung });
    mkdirSync(this.options.cacheDir, { recursive: true });
  }

  /**
   * Starts agents, one message per host. The promises stand in the order of the requests.
   * Each rejects with GodelError RUNTIME_FAILED where its agent could not start; none needs to be awaited.
   */
  start(requests: StartRequest[]): Promise<HostedAgent>[] {
    assert(!this.closed, "a closed pool of hosts starts no agents");
    const ready = new Map<AgentId, Promise<HostedAgent>>();
    const alike = Map.groupBy(requests, ({ runtime, alone, spec }) => `${runtime} ${alone ? spec.id : ""}`);
    for (const group of alike.values()) {
      const { runtime, alone = false } = present(group[0], "the first of a group");
      const specs = group.map((request) => request.spec);
      for (const [host, placed] of alone ? this.placeAlone(runtime, specs) : this.place(runtime, specs)) {
        host.start(placed).forEach((session, i) => {
          const { id } = present(placed[i], "the spec of a start");
          const agent = this.whenReady(id, host, session);
          // A caller that looks later must not bring the node down meanwhile.
          agent.catch(() => {});
          ready.set(id, agent);
        });
      }
    }
    const starts = requests.map(({ spec }) => present(ready.get(spec.id), "the start of an agent"));
    if (requests.some(({ runtime }) => runtime === warmRuntime)) this.prewarmAfter(starts);
    return starts;
  }

  /** Has `warmHosts` hosts loaded and without agents, for the next team, or in place of one that dies. Resolves when they are. */
  async prewarm(): Promise<void> {
    const missing = this.options.warmHosts - this.idleHosts().length;
    await Promise.all(Array.from({ length: Math.max(0, missing) }, () => this.open(warmRuntime).loading));
  }

  /** Not before the agents that somebody waits for are up: they would share the cores. */
  private async prewarmAfter(starts: Promise<HostedAgent>[]): Promise<void> {
    await Promise.allSettled(starts);
    if (!this.closed) await this.prewarm();
  }

  /** Ends a host that is beyond asking, and with it its agents, of which `why` is told. */
  kill(pid: number, why: string): void {
    for (const host of this.hosts) if (host.pid === pid) host.kill(why);
  }

  /** Whether hosts without agents may stay up for the next team; those that may not are ended. */
  keepWarm(allowed: boolean): void {
    this.warm = allowed;
    if (!allowed) for (const host of this.idleHosts()) host.close();
  }

  /** As of each host's last sign of life; asks nothing. */
  hostStats(): HostStats[] {
    return [...this.hosts].filter((host) => host.pid !== 0).map((host) => host.stats);
  }

  /** Asks every host with agents for a sign of life, idle ones too; one that is silent comes under watch. */
  ping(): void {
    for (const host of this.hosts) {
      if (host.agents.size === 0 || host.pid === 0) continue;
      if (host.silentMs > 0) this.watch.wake();
      host.ping();
    }
  }

  /** How long ago each host with agents gave a sign of life. */
  beats(): HostBeat[] {
    const now = this.options.clock.monotonic();
    const held = [...this.hosts].filter((host) => host.agents.size > 0 && host.heardAt !== undefined);
    return held.map((host) => ({ pid: host.pid, agoMs: now - (host.heardAt ?? now) }));
  }

  agent(id: AgentId): HostedAgent | undefined {
    return this.agents.get(id);
  }

  /** Stops every agent and ends every host. Resolves when no process is left. */
  async close(): Promise<void> {
    this.closed = true;
    this.watch.stop();
    const ends = [...this.ends.values()].map((end) => end.promise);
    for (const host of this.hosts) host.close();
    const disarm = this.options.clock.after(this.options.closeGraceMs, () => {
      for (const host of this.hosts) host.kill("the node stops");
    });
    await Promise.all(ends);
    disarm();
  }

  /** Spreads `specs` evenly over the hosts in use that have room, and as many more as are missing: warm ones, then new. */
  private place(runtime: RuntimeName, specs: AgentSpec[]): Map<Host, AgentSpec[]> {
    const max = this.options.maxAgentsPerHost;
    const hosts = [...this.hosts].filter((host) => host.runtime === runtime && host.isOpen && !host.isOfOne);
    const inUse = hosts.filter(({ agents }) => agents.size > 0 && agents.size < max);
    const empty = hosts.filter(({ agents }) => agents.size === 0);
    const load = new Map(inUse.map((host) => [host, host.agents.size]));
    const room = [...load.values()].reduce((sum, agents) => sum + max - agents, 0);
    for (let missing = specs.length - room; missing > 0; missing -= max) {
      load.set(empty.shift() ?? this.open(runtime).host, 0);
    }
    const placed = new Map<Host, AgentSpec[]>();
    for (const spec of specs) {
      const [host, agents] = present(leastLoaded(load), "a host with room");
      load.set(host, agents + 1);
      placed.set(host, [...(placed.get(host) ?? []), spec]);
    }
    return placed;
  }

  private placeAlone(runtime: RuntimeName, specs: AgentSpec[]): Map<Host, AgentSpec[]> {
    const { host } = this.open(runtime);
    host.isOfOne = true;
    return new Map([[host, specs]]);
  }

  private open(runtime: RuntimeName): { host: Host; loading: Promise<void> } {
    const { cacheDir, env, clock } = this.options;
    const host: Host = new Host({
      runtime,
      cacheDir,
      env,
      clock,
      onEvent: (agent, event) => this.hear(agent, event),
      onBusy: () => this.watch.wake(),
      onExit: (reason) => this.gone(host, reason),
    });
    this.hosts.add(host);
    this.ends.set(host, Promise.withResolvers());
    this.watch.wake();
    return { host, loading: this.limit(() => host.launch()) };
  }

  private async whenReady(id: AgentId, host: Host, session: Promise<string>): Promise<HostedAgent> {
    const sessionId = await session.catch((error) => {
      this.stopped(id, host);
      throw error;
    });
    const agent = new HostedAgent({ id, sessionId, host, onStopped: () => this.stopped(id, host) });
    this.agents.set(id, agent);
    return agent;
  }

  private hear(id: AgentId, event: RuntimeEvent): void {
    const agent = this.agents.get(id);
    if (agent && event.type === "session") agent.sessionId = event.sessionId;
    this.events.onEvent(id, event);
  }

  private stopped(id: AgentId, host: Host): void {
    this.agents.delete(id);
    host.agents.delete(id);
    if (host.agents.size === 0 && !this.keepsWarm(host)) host.close();
  }

  private keepsWarm(host: Host): boolean {
    if (!this.warm || host.runtime !== warmRuntime || host.isOfOne || host.prompts >= this.options.maxPromptsPerHost)
      return false;
    return this.idleHosts().length <= this.options.warmHosts;
  }

  private idleHosts(): Host[] {
    return [...this.hosts].filter(
      (host) => host.runtime === warmRuntime && host.agents.size === 0 && host.isOpen && !host.isOfOne,
    );
  }

  private gone(host: Host, reason: string): void {
    this.hosts.delete(host);
    if (host.agents.size > 0 && !host.closing) this.events.onHostLost(host.pid, [...host.agents], reason);
    for (const id of host.agents) {
      const agent = this.agents.get(id);
      this.agents.delete(id);
      if (agent && !agent.isStopping && !host.closing) this.events.onAgentLost(id, reason);
    }
    this.ends.get(host)?.resolve();
    this.ends.delete(host);
  }
}

function leastLoaded(load: Map<Host, number>): [Host, number] | undefined {
  let best: [Host, number] | undefined;
  for (const entry of load) if (!best || entry[1] < best[1]) best = entry;
  return best;
}
