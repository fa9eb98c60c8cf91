/** The nodes as pages show them: what the engine records of each, and what its last heartbeat said. */
import type { State } from "../engine/state.ts";
import type { FromNode } from "../model/link.ts";
import type { NodeId } from "../model/records.ts";
import { agentEnded } from "../model/states.ts";
import type { NodeLoad, NodeView } from "./wire.ts";

export class NodeViews {
  /** Nothing of it is journaled: a node says it again each second. */
  readonly #loads = new Map<NodeId, NodeLoad>();

  hear(node: NodeId, { hosts, rssBytes, lagMs, resources }: Extract<FromNode, { type: "heartbeat" }>): void {
    const { memory, disk, files, processes } = resources;
    this.#loads.set(node, { hosts, rssBytes, lagMs, memory, disk, files, processes });
  }

  /** O(agents) */
  of({ nodes, agents }: Pick<State, "nodes" | "agents">, isLinked: (node: NodeId) => boolean): NodeView[] {
    const counts = new Map([...nodes.keys()].map((id) => [id, { agents: 0, busy: 0 }]));
    for (const { node, state, attempt } of agents.values()) {
      const count = counts.get(node);
      if (!count || agentEnded(state)) continue;
      count.agents++;
      if (attempt !== null) count.busy++;
    }
    return [...nodes.values()].map(({ id, state, pid, cores, pressure }) => {
      const linked = isLinked(id);
      const load = linked ? (this.#loads.get(id) ?? null) : null;
      const { agents = 0, busy = 0 } = counts.get(id) ?? {};
      return { id, state, pid, linked, pressure: pressure?.why ?? "", cores, agents, busy, load };
    });
  }
}
