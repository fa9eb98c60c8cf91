import type { Millis } from "../lib/clock.ts";
import type { Agent, AgentId, NodeId } from "../model/records.ts";
import type { HostBeat } from "../model/signs.ts";

/** Names the process that an agent lives in: agents of one fall silent together. */
export function hostOf({ node, hostPid }: Pick<Agent, "node" | "hostPid">): string {
  return `${node} ${hostPid ?? 0}`;
}

interface Host {
  agents: Set<AgentId>;
  beatAt: Millis;
  died: boolean;
  condemned: boolean;
}

interface Watched {
  heardAt: Millis;
  /** By process id. */
  hosts: Map<number, Host>;
}

const never = Number.NEGATIVE_INFINITY;

/** Which agents live in which host, when each host last gave a sign of life, and when its node was last heard. */
export class WatchedHosts {
  readonly #nodes = new Map<NodeId, Watched>();

  add(agent: Agent): void {
    const { hosts } = this.#nodeOf(agent.node);
    const pid = agent.hostPid ?? 0;
    const host = hosts.get(pid) ?? { agents: new Set(), beatAt: never, died: false, condemned: false };
    host.agents.add(agent.id);
    hosts.set(pid, host);
  }

  remove(agent: Agent): void {
    const host = this.#hostOf(agent);
    host?.agents.delete(agent.id);
    if (host?.agents.size === 0) this.#nodeOf(agent.node).hosts.delete(agent.hostPid ?? 0);
  }

  /** Its host died. True for the first of the agents in it: they have crashed once. */
  died(agent: Agent): boolean {
    const host = this.#hostOf(agent);
    if (!host || host.died) return false;
    host.died = true;
    return true;
  }

  /** It gives no sign of life. True for the first to say so. */
  condemn(agent: Agent): boolean {
    const host = this.#hostOf(agent);
    if (!host || host.condemned) return false;
    host.condemned = true;
    return true;
  }

  heard(node: NodeId, at: Millis): void {
    this.#nodeOf(node).heardAt = at;
  }

  /** The agents of which this is a heartbeat, at `at`; none where the same sign is told again. */
  beat(node: NodeId, { pid }: HostBeat, at: Millis): Iterable<AgentId> {
    const host = this.#nodes.get(node)?.hosts.get(pid);
    // A millisecond apart it is the same sign, rounded another way.
    if (!host || at <= host.beatAt + 1) return [];
    host.beatAt = at;
    host.condemned = false;
    return host.agents;
  }

  /** The agents of nodes that were last heard before `before`. O(nodes), and their agents. */
  *unheard(before: Millis): Iterable<AgentId> {
    for (const { heardAt, hosts } of this.#nodes.values()) {
      if (heardAt < before) for (const { agents } of hosts.values()) yield* agents;
    }
  }

  #hostOf({ node, hostPid }: Agent): Host | undefined {
    return this.#nodes.get(node)?.hosts.get(hostPid ?? 0);
  }

  #nodeOf(node: NodeId): Watched {
    const watched = this.#nodes.get(node) ?? { heardAt: never, hosts: new Map() };
    this.#nodes.set(node, watched);
    return watched;
  }
}
