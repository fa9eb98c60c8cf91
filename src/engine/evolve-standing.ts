import { OutcomeWindow } from "../federation/balancing/outliers.ts";
import type { BreakerSnapshot } from "../federation/circuit-breaker.ts";
import { selectorDefaults } from "../federation/selecting/options.ts";
import { withOutcome } from "../federation/selecting/track-record.ts";
import type { Millis } from "../lib/clock.ts";
import type { AgentEvent } from "../model/events.ts";
import type { Agent, Attempt } from "../model/records.ts";
import { newStanding, type Standing } from "../model/standing.ts";
import { agentEnded } from "../model/states.ts";
import { classOf } from "./standing.ts";
import { agentOf, isLimited, type State, teamIndex, touch } from "./state.ts";

type StandingEvent = Extract<AgentEvent, { type: "agentBreaker" | "agentHeld" }>;

export function evolveStanding(state: State, event: StandingEvent): void {
  const agent = agentOf(state, event.agent);
  const standing = standingOf(agent);
  if (event.type === "agentBreaker") {
    const before = standing.breaker as BreakerSnapshot | null;
    const after = event.breaker as BreakerSnapshot;
    if (before && before.state !== "closed" && after.state === "closed") standing.closedAt = event.at;
    standing.breaker = event.breaker;
    standing.failedAt = event.failedAt ?? null;
  } else {
    standing.ejections += 1;
    standing.ejectedUntil = event.until;
    standing.ejected = { ...event.evidence, at: event.at };
    standing.outcomes = { count: 0, bits: 0 };
  }
  limit(state, agent);
}

/** What an attempt that has ended says of its agent, which may be at work on another one. */
export function learnOutcome(state: State, attempt: Attempt, at: Millis): void {
  const agent = agentOf(state, attempt.agent);
  const verdict = verdictOf(attempt);
  if (verdict === null || agent.alone || agentEnded(agent.state)) return;
  const standing = standingOf(agent);
  const window = OutcomeWindow.restore(standing.outcomes);
  window.add(verdict);
  standing.outcomes = window.toJSON();
  const outcome = {
    passed: verdict,
    work: state.tasks.get(attempt.task)?.weight ?? 1,
    ms: (attempt.handedInAt ?? at) - (attempt.startedAt ?? attempt.leasedAt),
    usd: attempt.usage.costUsd,
  };
  standing.record = withOutcome(standing.record, outcome, at, selectorDefaults.halfLifeMs);
  touch(state, agent);
  const tookMs = at - attempt.leasedAt;
  standing.meanMs = standing.meanMs === 0 ? tookMs : standing.meanMs + (tookMs - standing.meanMs) / 8;
  if (verdict) standing.ejections = Math.max(0, standing.ejections - 1);
  else teamIndex(state, agent.team).hasFailed = true;
}

/** A probe that ends without a verdict gives its place back, as `CircuitBreaker.release` does. */
export function releaseProbe(agent: Agent): void {
  const breaker = agent.standing?.breaker as BreakerSnapshot | null | undefined;
  if (agent.standing && breaker && breaker.probes.length > 0) agent.standing.breaker = { ...breaker, probes: [] };
}

/** A provider's failure is no verdict on the agent, and neither is a conflict with what others merged. */
function verdictOf({ state, failure }: Attempt): boolean | null {
  if (state === "accepted") return true;
  const known = failure && (state === "failed" || state === "rejected") ? classOf(failure) : null;
  return known === "task" || known === "infrastructure" ? false : null;
}

function standingOf(agent: Agent): Standing {
  agent.standing ??= newStanding();
  return agent.standing;
}

function limit(state: State, agent: Agent): void {
  touch(state, agent);
  const { limited } = teamIndex(state, agent.team);
  if (isLimited(agent)) limited.add(agent.id);
  else limited.delete(agent.id);
}
