import type { Millis } from "../lib/clock.ts";
import type { AgentEvent, AllowanceEvent, NodeEvent } from "../model/events.ts";
import type { Agent } from "../model/records.ts";
import { type AgentState, agentMoves, moved, teamEnded } from "../model/states.ts";
import { evolveNode } from "./evolve-node.ts";
import { evolveStanding } from "./evolve-standing.ts";
import { agentOf, idleOf, type State, teamIndex, teamOf, touch } from "./state.ts";

export type AgentOrNodeEvent = AgentEvent | Exclude<NodeEvent, AllowanceEvent>;

export function evolveAgent(state: State, event: AgentOrNodeEvent): void {
  switch (event.type) {
    case "agentRequested":
      return requestAgent(state, event);
    case "agentReady": {
      const agent = agentOf(state, event.agent);
      agent.hostPid = event.hostPid;
      agent.sessionId = event.sessionId;
      if (agent.readyAt === null && !agent.alone) {
        teamIndex(state, agent.team).up++;
        teamIndex(state, agent.team).started++;
        teamIndex(state, agent.team).startMs = event.at - agent.requestedAt;
      }
      agent.readyAt = event.at;
      teamOf(state, agent.team).startFailures = 0;
      if (agent.state === "starting") moveAgent(state, agent, "idle", event.at);
      return;
    }
    case "agentPaused":
      return moveAgent(state, agentOf(state, event.agent), "paused", event.at);
    case "agentResumed": {
      const agent = agentOf(state, event.agent);
      return moveAgent(state, agent, agent.attempt === null ? "idle" : "busy", event.at);
    }
    case "agentDraining": {
      const agent = agentOf(state, event.agent);
      if (event.reason !== undefined) agent.reason = event.reason;
      return moveAgent(state, agent, "draining", event.at);
    }
    case "agentSuspected": {
      const agent = agentOf(state, event.agent);
      agent.suspicion = { ...event.evidence, at: event.at };
      return moveAgent(state, agent, "suspect", event.at);
    }
    case "agentTrusted": {
      const agent = agentOf(state, event.agent);
      agent.suspicion = null;
      return moveAgent(state, agent, agent.attempt === null ? "idle" : "busy", event.at);
    }
    case "agentEjected":
      return endAgent(state, agentOf(state, event.agent), "ejected", { ...event, failed: true });
    case "agentAnomaly": {
      const agent = agentOf(state, event.agent);
      agent.anomalies = [...(agent.anomalies ?? []), { ...event.evidence, at: event.at }].slice(-maxAnomalies);
      return;
    }
    case "agentBreaker":
    case "agentHeld":
      return evolveStanding(state, event);
    case "agentStopped":
      return endAgent(state, agentOf(state, event.agent), "stopped", event);
    case "agentLost":
      return endAgent(state, agentOf(state, event.agent), "lost", { ...event, failed: true });
    default:
      return evolveNode(state, event);
  }
}

function requestAgent(state: State, event: Extract<AgentEvent, { type: "agentRequested" }>): void {
  const { agent: id, team, node, runtime, model, skills, at } = event;
  state.agents.set(id, {
    id,
    team,
    node,
    runtime,
    model,
    skills,
    state: "starting",
    requestedAt: at,
    readyAt: null,
    endedAt: null,
    idleSince: at,
    hostPid: null,
    sessionId: null,
    attempt: null,
    reason: "",
    failed: false,
    ...(event.alone && { alone: true }),
  });
  touch(state, agentOf(state, id));
  teamOf(state, team).agentCount++;
  teamIndex(state, team).live.add(id);
  if (event.alone) teamIndex(state, team).alone.add(id);
  else teamIndex(state, team).starting++;
}

/** The one place that changes an agent's state, so that the set of free agents always agrees. */
export function moveAgent(state: State, agent: Agent, to: AgentState, at: Millis): void {
  const index = teamIndex(state, agent.team);
  const idle = idleOf(index, agent);
  // Those that work alone are counted by themselves.
  const one = agent.alone ? 0 : 1;
  if (agent.state === "starting") index.starting -= one;
  if (agent.state === "draining") index.draining -= one;
  if (to === "draining") index.draining += one;
  agent.state = moved(agentMoves, `agent ${agent.id}`, agent.state, to);
  if (to === "idle") {
    agent.idleSince = at;
    idle.add(agent.id);
  } else {
    idle.delete(agent.id);
  }
  touch(state, agent);
}

interface AgentEnd {
  at: Millis;
  reason: string;
  failed: boolean;
}

/** Of one agent: what is older is in the journal. */
const maxAnomalies = 5;

/** After a failed start the team waits twice as long each time, from a second to a minute, before the next. */
const startBackoffMs = { first: 1_000, most: 60_000 };

function endAgent(
  state: State,
  agent: Agent,
  to: "stopped" | "lost" | "ejected",
  { at, reason, failed }: AgentEnd,
): void {
  const team = teamOf(state, agent.team);
  const index = teamIndex(state, agent.team);
  moveAgent(state, agent, to, at);
  Object.assign(agent, { endedAt: at, reason, failed, attempt: null });
  index.live.delete(agent.id);
  index.alone.delete(agent.id);
  index.limited.delete(agent.id);
  if (!agent.alone && agent.readyAt !== null) index.up--;
  else if (!agent.alone && failed) index.startsFailed++;
  if (failed) index.failedAgents++;
  if (to === "lost") index.lostAgents++;
  // A start that was cut short by the loss of its node or host says nothing of the next one.
  // Those that fail together, as with the host that they share, are one failure.
  if (to === "stopped" && failed && agent.readyAt === null && at >= team.startNotBefore) {
    team.startFailures++;
    team.startNotBefore = at + Math.min(startBackoffMs.first * 2 ** (team.startFailures - 1), startBackoffMs.most);
  }
  if (teamEnded(team.state) && index.live.size === 0) state.index.active.delete(team.id);
}
