import { GodelError } from "../lib/errors.ts";
import type { Event } from "../model/events.ts";
import type { Agent, AgentId } from "../model/records.ts";
import { agentEnded } from "../model/states.ts";
import { endBadly } from "./failures.ts";
import type { Context } from "./options.ts";
import { attemptOf, type State } from "./state.ts";

/** Ends an agent at once; its task goes back to the queue, and the reconciler starts another agent. */
export function killAgent(state: State, id: AgentId, context: Context): Event[] {
  const agent = findAgent(state, id);
  if (agentEnded(agent.state)) return [];
  const events: Event[] = [];
  if (agent.attempt !== null) {
    const failure = { reason: "agent-killed", detail: `agent ${id} was killed by a person` } as const;
    const end = { state: "lost", failure, commit: null } as const;
    events.push(...endBadly(state, attemptOf(state, agent.attempt), end, context));
  }
  if (agent.state !== "draining") events.push({ type: "agentDraining", at: context.at, agent: id });
  return events;
}

export function pauseAgent(state: State, id: AgentId, { at }: Context): Event[] {
  const agent = findAgent(state, id);
  if (agent.state === "paused") return [];
  if (agent.state !== "idle" && agent.state !== "busy") {
    throw new GodelError("AGENT_STATE", `agent "${id}" is ${agent.state}; only an idle or busy one can be paused.`);
  }
  return [{ type: "agentPaused", at, agent: id }];
}

export function resumeAgent(state: State, id: AgentId, { at }: Context): Event[] {
  const agent = findAgent(state, id);
  if (agent.state === "idle" || agent.state === "busy") return [];
  if (agent.state !== "paused") throw new GodelError("AGENT_STATE", `agent "${id}" is ${agent.state}, not paused.`);
  return [{ type: "agentResumed", at, agent: id }];
}

function findAgent(state: State, id: AgentId): Agent {
  const agent = state.agents.get(id);
  if (!agent) throw new GodelError("AGENT_NOT_FOUND", `no agent "${id}".`);
  return agent;
}
