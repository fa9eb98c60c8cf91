/** What is done about agents that the health monitor finds ill or odd. It accuses; here it is decided, and journaled with the evidence. */
import { type BreakerSnapshot, CircuitBreaker } from "../federation/circuit-breaker.ts";
import type { Command } from "../model/commands.ts";
import type { Event } from "../model/events.ts";
import type { Evidence } from "../model/reasons.ts";
import type { Agent, Failure, Team } from "../model/records.ts";
import { agentEnded, attemptEnded, teamEnded } from "../model/states.ts";
import { endBadly } from "./failures.ts";
import type { Context } from "./options.ts";
import { attemptOf, type State, teamIndex, teamOf } from "./state.ts";

type Asked<T extends Command["type"]> = Extract<Command, { type: T }>;

/** Share of a team's agents that may be on their way out for being slow, though always one. */
const maxReplaced = 0.1;

/** It gets no more work until it is trusted again; what it works on goes on. One that is paused or leaves gets none anyway. */
export function suspectAgent(state: State, { agent: id, evidence }: Asked<"suspectAgent">, { at }: Context): Event[] {
  const agent = state.agents.get(id);
  if (agent?.state !== "idle" && agent?.state !== "busy") return [];
  return [{ type: "agentSuspected", at, agent: id, evidence }];
}

export function trustAgent(state: State, { agent: id }: Asked<"trustAgent">, { at }: Context): Event[] {
  const agent = state.agents.get(id);
  if (agent?.state !== "suspect") return [];
  const trusted: Event = { type: "agentTrusted", at, agent: id };
  return teamOf(state, agent.team).state === "paused" ? [trusted, { type: "agentPaused", at, agent: id }] : [trusted];
}

/**
 * Sets an agent aside for good: its attempt goes back to the queue with what was learnt, and another agent starts.
 *
 * A breaker guards recovery itself: where one after the other is set aside and no work gets done in between, the cause is
 * not the agents, and to replace them all would only cost. Then it is suspected, and asked for again later.
 */
export function ejectAgent(state: State, command: Asked<"ejectAgent">, context: Context): Event[] {
  const { agent: id, evidence } = command;
  const agent = state.agents.get(id);
  if (!agent || agentEnded(agent.state)) return [];
  if (agent.state === "draining") return giveUpWork(state, agent, evidence, context);
  const team = teamOf(state, agent.team);
  const guarded = recover(team, id, context);
  if (guarded === null) return suspectAgent(state, { type: "suspectAgent", agent: id, evidence }, context);
  const { detail: reason } = evidence;
  return [
    ...giveUpWork(state, agent, evidence, context),
    { type: "agentEjected", at: context.at, agent: id, reason, evidence },
    ...guarded,
  ];
}

/**
 * Its node ends the host, and tells what died with it: until then its agents are suspect, and nobody is given their work.
 * To end it is a recovery as well, one for all of its agents.
 */
export function condemnHost(state: State, command: Asked<"condemnHost">, context: Context): Event[] {
  const { agent: id, evidence } = command;
  const agent = state.agents.get(id);
  if (!agent || agentEnded(agent.state) || agent.hostPid === null) return [];
  const { node, hostPid: host } = agent;
  const guarded = recover(teamOf(state, agent.team), `${node} ${host}`, context);
  return guarded === null ? [] : [{ type: "hostCondemned", at: context.at, node, host, evidence }, ...guarded];
}

/** Odd is not ill: it is noted, and only a loop and a slow agent are acted on. */
export function noteAnomaly(state: State, { agent: id, evidence }: Asked<"noteAnomaly">, context: Context): Event[] {
  const agent = state.agents.get(id);
  if (!agent || agentEnded(agent.state)) return [];
  const noted: Event = { type: "agentAnomaly", at: context.at, agent: id, evidence };
  if (evidence.signal === "loop") return [noted, ...giveUpWork(state, agent, evidence, context)];
  return isSlow(evidence) ? [noted, ...replace(state, agent, evidence, context)] : [noted];
}

/** Its agents die again and again: none is started for a while. */
export function quarantineTeam(state: State, command: Asked<"quarantineTeam">, { at }: Context): Event[] {
  const { team: id, forMs, evidence } = command;
  const team = state.teams.get(id);
  if (!team || teamEnded(team.state) || team.startNotBefore >= at + forMs) return [];
  return [{ type: "teamQuarantined", at, team: id, until: at + forMs, evidence }];
}

/** Work got done, so agents may be set aside again. Nothing while the breaker is as new. */
export function workDone(team: Team, { at, random, options }: Context): Event[] {
  const before = team.recovery?.breaker as BreakerSnapshot | undefined;
  if (!before || (before.state === "closed" && before.failures === 0 && before.trips === 0)) return [];
  const breaker = CircuitBreaker.restore(before, options.policies.recovery, random);
  const permit = before.probes[0] ?? breaker.tryAcquire(at);
  if (permit !== undefined) breaker.recordSuccess(permit);
  return [{ type: "teamRecovery", at, team: team.id, breaker: breaker.toJSON(), cause: "" }];
}

/** The events of one more recovery, or null while too many came in a row. Agents with one cause are one recovery. */
function recover(team: Team, cause: string, { at, random, options }: Context): Event[] | null {
  const known = team.recovery;
  if (known && known.cause === cause) return [];
  const { recovery } = options.policies;
  const before = known?.breaker as BreakerSnapshot | undefined;
  const breaker = before ? CircuitBreaker.restore(before, recovery, random) : new CircuitBreaker(recovery, random);
  const permit = breaker.tryAcquire(at);
  if (permit === undefined) return null;
  breaker.recordFailure("infrastructure", permit, at);
  return [{ type: "teamRecovery", at, team: team.id, breaker: breaker.toJSON(), cause }];
}

/** What an agent works on ends, and the next to try it is told why. */
function giveUpWork(state: State, agent: Agent, evidence: Evidence, context: Context): Event[] {
  if (agent.attempt === null) return [];
  const attempt = attemptOf(state, agent.attempt);
  if (attemptEnded(attempt.state)) return [];
  return endBadly(state, attempt, { state: "failed", failure: failureOf(evidence), commit: null }, context);
}

function failureOf({ signal, detail }: Evidence): Failure {
  switch (signal) {
    case "loop":
      return { reason: "loop", detail: `the agent ${detail}; what it tried does not work, so try another way` };
    case "token-burn":
    case "cost-burn":
      return { reason: "runaway", detail: `the agent spent too fast: ${detail}` };
    case "deadline":
      return { reason: "timeout", detail: `${detail}; its node did not end it` };
    default:
      return { reason: "stalled", detail: `the agent made no progress: ${detail}` };
  }
}

function isSlow({ signal, figures }: Evidence): boolean {
  return signal === "speed" && (figures.z ?? 0) > 0;
}

/** A slow one finishes what it has and leaves; few at a time. */
function replace(state: State, agent: Agent, evidence: Evidence, { at }: Context): Event[] {
  const { live, draining } = teamIndex(state, agent.team);
  const isWorking = agent.state === "idle" || agent.state === "busy";
  if (!isWorking || draining >= Math.max(1, Math.floor(live.size * maxReplaced))) return [];
  return [{ type: "agentDraining", at, agent: agent.id, reason: `replaced: ${evidence.detail}` }];
}
