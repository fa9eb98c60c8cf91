/**
 * Which free agents get work: not one whose circuit breaker is open, nor one that is worse than its peers, for a while.
 *
 *     well ─(failures by its own fault in a row, at different tasks)─► breaker open ─► half-open: one attempt ─► ramping
 *     well ─(more failures than chance explains, beside its peers)──► ejected ────────────────────────────────► ramping
 *     ramping: comes after those that are well, for as long as a slow start takes ─► well
 *
 * With fewer than half of a team's agents left all of that is ignored: when most fail the cause is not the agents, and to
 * hold work back would end no failure (Envoy's panic threshold). Here, unlike in the library's `LoadBalancer`, breakers are
 * ignored with the rest: a team's agents are alike, and one that has a single agent must not stand still.
 */
import { balancerDefaults } from "../federation/balancing/options.ts";
import { ejectionMs, findOutliers, OutcomeWindow, roomToEject } from "../federation/balancing/outliers.ts";
import { rampedShare } from "../federation/balancing/slow-start.ts";
import { type BreakerSnapshot, CircuitBreaker, type FailureClass } from "../federation/circuit-breaker.ts";
import type { Millis } from "../lib/clock.ts";
import type { Event } from "../model/events.ts";
import type { Evidence } from "../model/reasons.ts";
import type { Agent, Attempt, Failure, FailureReason, Team } from "../model/records.ts";
import { agentEnded } from "../model/states.ts";
import type { Context } from "./options.ts";
import { agentOf, type State, type TeamIndex, teamIndex } from "./state.ts";

const { panicThreshold, slowStartMs, slowStartAggression } = balancerDefaults;

/** Whose fault a failure is; one that is not here says nothing of the agent. */
const classes: Partial<Record<FailureReason, FailureClass>> = {
  "agent-error": "infrastructure",
  stalled: "infrastructure",
  runaway: "infrastructure",
  provider: "provider",
  gate: "task",
  "no-diff": "task",
  timeout: "task",
  quota: "task",
  loop: "task",
  "split-refused": "task",
};

export function classOf({ reason }: Failure): FailureClass | null {
  return classes[reason] ?? null;
}

/** How many agents are free and get no work for now. */
export function heldBack(state: State, index: TeamIndex, at: Millis): number {
  if (index.limited.size === 0 || isPanicking(state, index, at)) return 0;
  return [...index.limited].filter((id) => index.idle.has(id) && isOut(agentOf(state, id), at)).length;
}

/** When an agent that gets no work may get some again, at the earliest; undefined without one. */
export function standingWake(state: State, index: TeamIndex, at: Millis): Millis | undefined {
  const times = [...index.limited].map((id) => notBefore(agentOf(state, id))).filter((time) => time > at);
  return times.length === 0 ? undefined : Math.min(...times);
}

/** The time until which its standing keeps work from an agent; in the past for most. */
export function notBefore({ standing }: Agent): Millis {
  if (!standing) return 0;
  const breaker = breakerOf(standing);
  return Math.max(standing.ejectedUntil, breaker?.state === "open" ? breaker.openUntil : 0);
}

/** Why an agent gets no work at `at`. */
export function whyHeld({ standing }: Agent, at: Millis): string {
  if (standing && standing.ejectedUntil > at) return standing.ejected?.detail ?? "it is worse than its peers";
  return "its last attempts failed by its own fault, at different tasks";
}

/** One more attempt of an agent whose breaker is not closed is a probe. */
export function probe(agent: Agent, context: Context): Event[] {
  const before = agent.standing && breakerOf(agent.standing);
  if (!before || before.state === "closed") return [];
  const breaker = restored(before, context);
  return breaker.tryAcquire(context.at) === undefined ? [] : [changed(agent, breaker, context)];
}

/** It has done its part of an attempt. */
export function agentDelivered(state: State, attempt: Attempt, context: Context): Event[] {
  const agent = agentOf(state, attempt.agent);
  const before = agent.standing && breakerOf(agent.standing);
  if (!before || agentEnded(agent.state) || agent.attempt !== attempt.id) return [];
  if (before.state === "closed" && before.failures === 0 && before.trips === 0) return [];
  const breaker = restored(before, context);
  const permit = before.probes[0] ?? breaker.tryAcquire(context.at);
  if (permit === undefined) return [];
  breaker.recordSuccess(permit);
  return [changed(agent, breaker, context)];
}

/** An attempt that it works on failed by its own fault. Of a task that fails again and again the task is to blame. */
export function agentFailed(state: State, attempt: Attempt, failure: Failure, context: Context): Event[] {
  const agent = agentOf(state, attempt.agent);
  if (classOf(failure) !== "infrastructure" || agent.alone || agent.attempt !== attempt.id) return [];
  const before = agent.standing && breakerOf(agent.standing);
  const repeats = agent.standing?.failedAt === attempt.task && before?.state === "closed";
  if (repeats) return [];
  const breaker = restored(before ?? null, context);
  const permit = before?.probes[0] ?? breaker.tryAcquire(context.at);
  if (permit === undefined) return [];
  breaker.recordFailure("infrastructure", permit, context.at);
  return [{ ...changed(agent, breaker, context), failedAt: attempt.task }];
}

/** Sets those aside for a while whose record is too bad to be bad luck. Asked only when something has failed. */
export function ejectOutliers(state: State, team: Team, context: Context): Event[] {
  const index = teamIndex(state, team.id);
  const { outliers } = context.options.policies;
  if (!index.hasFailed) return [];
  index.hasFailed = false;
  if (!outliers.enabled) return [];
  const members = [...index.live].flatMap((id) => memberOf(agentOf(state, id)) ?? []);
  const sound = members.filter(({ standing }) => standing.ejectedUntil <= context.at);
  const room = roomToEject(index.up, members.length - sound.length, outliers);
  const meanMs = members.reduce((sum, { standing }) => sum + standing.meanMs, 0) / Math.max(1, members.length);
  return findOutliers(sound, outliers)
    .slice(0, room)
    .map(({ agent, standing, outcomes }): Event => {
      const until = context.at + ejectionMs(standing.ejections + 1, meanMs, outliers);
      return { type: "agentHeld", at: context.at, agent: agent.id, until, evidence: evidenceOf(outcomes, sound) };
    });
}

function evidenceOf(own: OutcomeWindow, sound: readonly { outcomes: OutcomeWindow }[]): Evidence {
  const peers = sound.filter(({ outcomes }) => outcomes !== own);
  const peerOutcomes = peers.reduce((sum, { outcomes }) => sum + outcomes.count, 0);
  const peerFailures = peerOutcomes - peers.reduce((sum, { outcomes }) => sum + outcomes.successes, 0);
  const failures = own.count - own.successes;
  const detail = `${failures} of its last ${own.count} attempts failed, of its peers' ${peerFailures} of ${peerOutcomes}`;
  return { signal: "outlier", detail, figures: { failures, outcomes: own.count, peerFailures, peerOutcomes } };
}

function memberOf(agent: Agent) {
  const { standing } = agent;
  if (!standing || agent.alone || agent.state === "draining") return undefined;
  return { agent, standing, outcomes: OutcomeWindow.restore(standing.outcomes) };
}

/** Whether so few are left that who is out is given work all the same. */
export function isPanicking(state: State, index: TeamIndex, at: Millis): boolean {
  if (index.limited.size === 0) return false;
  const out = [...index.limited].filter((id) => isOut(agentOf(state, id), at)).length;
  return index.up - out < panicThreshold * index.up;
}

/** Whether its standing keeps work from it. */
export function isOut(agent: Agent, at: Millis): boolean {
  return notBefore(agent) > at;
}

/** Whether it just came back: it comes after those that are well. */
export function isRamping({ standing }: Agent, at: Millis): boolean {
  const backAt = standing && Math.max(standing.ejectedUntil <= at ? standing.ejectedUntil : 0, standing.closedAt);
  return Boolean(backAt) && rampedShare(at - (backAt ?? 0), slowStartMs, slowStartAggression) < 1;
}

function breakerOf({ breaker }: NonNullable<Agent["standing"]>): BreakerSnapshot | null {
  return breaker as BreakerSnapshot | null;
}

function restored(before: BreakerSnapshot | null, { options, random }: Context): CircuitBreaker {
  const tuning = options.policies.breaker;
  return before ? CircuitBreaker.restore(before, tuning, random) : new CircuitBreaker(tuning, random);
}

function changed(agent: Agent, breaker: CircuitBreaker, { at }: Context) {
  return { type: "agentBreaker" as const, at, agent: agent.id, breaker: breaker.toJSON() };
}
