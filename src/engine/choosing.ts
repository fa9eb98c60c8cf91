/** What is kept so that the agents of a team are not ranked anew for each task. */
import type { AgentSelector } from "../federation/agent-selector.ts";
import type { AgentId, NodeId } from "../model/records.ts";

/** Only remembered and never decided: made anew from the agents, it gives the same answers. */
export interface Choosing {
  /** The agents as they were when they were last asked for; null before. */
  selector: AgentSelector | null;
  /** Those that changed since, in that order. */
  touched: Set<AgentId>;
  /** Those that may change with time alone. */
  watched: Set<AgentId>;
  /** Nodes that took no work then. */
  pressed: ReadonlySet<NodeId>;
}

export function nobodyChosen(): Choosing {
  return { selector: null, touched: new Set(), watched: new Set(), pressed: new Set() };
}
