import { inRange, resolveOptions } from "../lib/options.ts";
import type { AgentId, TeamId } from "../model/records.ts";

export interface ResourceOptions {
  /** Memory that one agent takes with its commands, in bytes. Default 256 MiB; raise it where the gates are heavy. */
  memoryPerAgent: number;
  /** Memory left to the machine, in bytes. Default 512 MiB. */
  keepMemory: number;
  /** Disk that the worktree of one agent takes, in bytes. Default 200 MB. */
  diskPerAgent: number;
  /** Disk left free, in bytes. Default 1 GB: a full disk stops the journal. */
  keepDisk: number;
  /** File descriptors that one agent takes. Default 64. */
  filesPerAgent: number;
  /** Load (of one minute) per core past which no agent starts. Default 4, over 0. */
  maxLoadPerCore: number;
  /** Agents that one team may have on a host. Default Infinity. */
  maxAgentsPerTeam: number;
}

export const resourceDefaults: ResourceOptions = {
  memoryPerAgent: 256 * 2 ** 20,
  keepMemory: 512 * 2 ** 20,
  diskPerAgent: 200e6,
  keepDisk: 1e9,
  filesPerAgent: 64,
  maxLoadPerCore: 4,
  maxAgentsPerTeam: Number.POSITIVE_INFINITY,
};

/** What a host has, as it was measured; null where it cannot be measured, which limits nothing. */
export interface HostResources {
  freeMemory: number | null;
  freeDisk: number | null;
  freeFiles: number | null;
  /** Of the last minute. */
  load: number | null;
  cores: number;
}

export type Resource = "memory" | "disk" | "files" | "load" | "team-quota";

export interface HostRoom {
  /** Further agents that may start; Infinity when nothing limits them. Give it to the scaler as `hostRoom`. */
  agents: number;
  limitedBy: Resource | null;
  /** Further agents by each resource. */
  by: Record<Resource, number>;
}

export type Admission = { admitted: true } | { admitted: false; resource: Resource; reason: string };

/**
 * Says whether one more agent fits on a host, and why not.
 *
 * An agent that was admitted takes nothing measurable until it works, so its share is reserved until `settled` (the next
 * measurement shows it) or `release`. Without that, a burst is admitted as a whole on one measurement, which is how 24
 * agents in two minutes froze a server (claude-code #15487). One manager looks after one host. Deterministic.
 */
export class ResourceManager {
  readonly options: Readonly<ResourceOptions>;
  /** All agents admitted and not released; whether their share shows in the measurements. */
  readonly #agents = new Map<AgentId, { team: TeamId; settled: boolean }>();

  /** @throws GodelError OPTION_UNKNOWN, OPTION_RANGE. */
  constructor(options: Partial<ResourceOptions> = {}) {
    this.options = resolveOptions(resourceDefaults, options);
    for (const [name, value] of Object.entries(this.options)) {
      inRange(name, value, /^(?:keep|maxAgents)/.test(name) ? 0 : 1e-3, Number.POSITIVE_INFINITY);
    }
  }

  /** How many more agents of `team` fit on `host`. O(agents). */
  room(team: TeamId, host: HostResources): HostRoom {
    const { options } = this;
    const agents = [...this.#agents.values()];
    const reserved = agents.filter(({ settled }) => !settled).length;
    const fit = (free: number | null, keep: number, each: number) =>
      free === null ? Number.POSITIVE_INFINITY : Math.max(0, Math.floor((free - keep) / each) - reserved);
    const overloaded = host.load !== null && host.load >= options.maxLoadPerCore * host.cores;
    const by = {
      memory: fit(host.freeMemory, options.keepMemory, options.memoryPerAgent),
      disk: fit(host.freeDisk, options.keepDisk, options.diskPerAgent),
      files: fit(host.freeFiles, 0, options.filesPerAgent),
      load: overloaded ? 0 : Number.POSITIVE_INFINITY,
      "team-quota": Math.max(0, options.maxAgentsPerTeam - agents.filter((agent) => agent.team === team).length),
    };
    return { ...least(by), by };
  }

  /** Reserves the share of one agent, or says what is short. One that was admitted before is admitted again at no cost. */
  admit(agent: AgentId, team: TeamId, host: HostResources): Admission {
    if (this.#agents.has(agent)) return { admitted: true };
    const { agents, limitedBy } = this.room(team, host);
    if (limitedBy !== null && agents < 1) {
      return { admitted: false, resource: limitedBy, reason: this.#reason(limitedBy, team, host) };
    }
    this.#agents.set(agent, { team, settled: false });
    return { admitted: true };
  }

  /** What it takes shows in what is measured from now on. */
  settled(agent: AgentId): void {
    const known = this.#agents.get(agent);
    if (known) known.settled = true;
  }

  /** It is gone. May be called twice. */
  release(agent: AgentId): void {
    this.#agents.delete(agent);
  }

  #reason(resource: Resource, team: TeamId, { freeMemory, freeDisk, freeFiles, load, cores }: HostResources): string {
    const { options } = this;
    const reserved = [...this.#agents.values()].filter(({ settled }) => !settled).length;
    const starting = reserved > 0 ? `, and ${reserved} agents that start have theirs reserved` : "";
    const reasons: Record<Resource, string> = {
      memory: `${mega(freeMemory)} of memory are free; an agent takes ${mega(options.memoryPerAgent)} and ${mega(options.keepMemory)} are kept${starting}`,
      disk: `${mega(freeDisk)} of disk are free; an agent takes ${mega(options.diskPerAgent)} and ${mega(options.keepDisk)} are kept${starting}`,
      files: `${freeFiles} file descriptors are free; an agent takes ${options.filesPerAgent}${starting}`,
      load: `the load is ${load} on ${cores} cores; agents start below ${options.maxLoadPerCore} a core`,
      "team-quota": `team ${team} has its ${options.maxAgentsPerTeam} agents on this host`,
    };
    return reasons[resource];
  }
}

/** The scarcest; the first of equals. */
function least(by: Record<Resource, number>): { agents: number; limitedBy: Resource | null } {
  let agents = Number.POSITIVE_INFINITY;
  let limitedBy: Resource | null = null;
  for (const resource of Object.keys(by) as Resource[]) {
    if (by[resource] < agents) [agents, limitedBy] = [by[resource], resource];
  }
  return { agents, limitedBy };
}

function mega(bytes: number | null): string {
  return `${Math.round((bytes ?? 0) / 1e6)} MB`;
}
