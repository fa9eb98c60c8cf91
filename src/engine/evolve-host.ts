import type { NodeEvent } from "../model/events.ts";
import type { Agent, Failure } from "../model/records.ts";
import { countHostDeath } from "./retry-budget.ts";
import { agentOf, type State, taskOf } from "./state.ts";

/** The tasks that were worked on become suspects; the one that was alone, more so. */
export function loseHost(
  state: State,
  { node: id, at, agents, tasks }: Extract<NodeEvent, { type: "hostLost" }>,
): void {
  const node = state.nodes.get(id);
  if (node) countHostDeath(node, at);
  for (const agent of agents) agentOf(state, agent).hostPid = null;
  for (const task of tasks.map((id) => taskOf(state, id))) {
    const { hosts, alone } = task.deaths ?? { hosts: 0, alone: 0 };
    task.deaths = { hosts: hosts + 1, alone: tasks.length === 1 ? alone + 1 : alone };
  }
}

/** Whether an attempt of `agent` ended with a host whose death is known, and is counted for itself. */
export function isHostDeath(agent: Agent, failure: Failure | null): boolean {
  return failure?.reason === "host-lost" && agent.readyAt !== null && agent.hostPid === null;
}
