import type { Millis } from "../lib/clock.ts";
import type { Agent, AgentId, NodeId } from "../model/records.ts";
import type { HostBeat } from "../model/signs.ts";

/** Names the process that an agent lives in: agents of one fall silent together. */
export function hostOf({ node, hostPid }: Pick<Agent, "node" | "hostPid">): string {
  return `${node} ${hostPid ?? 0}`;
}

/** Which agents live in which host, when each host last gave a sign of life, and when its node was last heard. */
export class WatchedHosts {
  readonly #heardAt = new Map<NodeId, Millis>();
  readonly #hosts = new Map<
    string,
    { node: NodeId; agents: Set<AgentId>; beatAt: Millis; died: boolean; condemned: boolean }
  >();

  add(agent: Agent): void {
    const key = hostOf(agent);
    const host = this.#hosts.get(key) ?? {
      node: agent.node,
      agents: new Set(),
      beatAt: Number.NEGATIVE_INFINITY,
      died: false,
      condemned: false,
    };
    host.agents.add(agent.id);
    this.#hosts.set(key, host);
  }

  remove(agent: Agent): void {
    const key = hostOf(agent);
    const host = this.#hosts.get(key);
    host?.agents.delete(agent.id);
    if (host?.agents.size === 0) this.#hosts.delete(key);
  }

  /** Its host died. True for the first of the agents in it: they have crashed once. */
  died(agent: Agent): boolean {
    const host = this.#hosts.get(hostOf(agent));
    if (!host || host.died) return false;
    host.died = true;
    return true;
  }

  /** It gives no sign of life. True for the first to say so. */
  condemn(agent: Agent): boolean {
    const host = this.#hosts.get(hostOf(agent));
    if (!host || host.condemned) return false;
    host.condemned = true;
    return true;
  }

  heard(node: NodeId, at: Millis): void {
    this.#heardAt.set(node, at);
  }

  /** The agents of which this is a heartbeat, at `at`; none where the same sign is told again. */
  beat(node: NodeId, { pid }: HostBeat, at: Millis): Iterable<AgentId> {
    const host = this.#hosts.get(hostOf({ node, hostPid: pid }));
    // A millisecond apart it is the same sign, rounded another way.
    if (!host || at <= host.beatAt + 1) return [];
    host.beatAt = at;
    host.condemned = false;
    return host.agents;
  }

  /** The agents of nodes that were last heard before `before`. */
  *unheard(before: Millis): Iterable<AgentId> {
    for (const { node, agents } of this.#hosts.values()) {
      if ((this.#heardAt.get(node) ?? Number.NEGATIVE_INFINITY) < before) yield* agents;
    }
  }
}
