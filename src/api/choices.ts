/** Why agents get the work they get, for people. */
import { rejectionsOf } from "../engine/selecting.ts";
import { notBefore, whyHeld } from "../engine/standing.ts";
import { type State, teamIndex } from "../engine/state.ts";
import { selectorDefaults } from "../federation/selecting/options.ts";
import { expectedOf } from "../federation/selecting/track-record.ts";
import { iso } from "../lib/clock.ts";
import type { AgentChoice } from "../model/reasons.ts";
import type { Agent, Task } from "../model/records.ts";
import { agentEnded } from "../model/states.ts";
import type { AgentView } from "./wire.ts";

/** Of how many an agent was the best, by what, and who was out. */
export function choiceText({ score, terms, among, rejected }: AgentChoice): string {
  const by = Object.entries(terms).map(([term, worth]) => `${term} ${worth}`);
  const best = among === 1 ? "the only one that was free" : `the best of ${among} that were free`;
  return `${best}: ${score} by ${by.join(", ")}${outText(rejected)}`;
}

/** Of the agents of a queued task, how many can't have it, and why; "" where the scheduler has not asked yet. */
export function whoIsOut(state: State, task: Task): string {
  return outText(rejectionsOf(state, teamIndex(state, task.team), task)).replace(/^; /, "agents that can't have it: ");
}

/** The largest group first. */
function outText(rejected: readonly { why: string; agents: number }[]): string {
  const sorted = rejected.toSorted((a, b) => b.agents - a.agents || a.why.localeCompare(b.why));
  return rejected.length === 0 ? "" : `; ${sorted.map(({ why, agents }) => `${agents} ${why}`).join(", ")}`;
}

/** Until when it gets no work for how it has done, and why; null for most. */
export function heldOf(state: State, agent: Agent): AgentView["held"] {
  const until = notBefore(agent);
  if (agentEnded(agent.state) || until <= state.at) return null;
  return { until: iso(until), why: whyHeld(agent, state.at) };
}

/** Why it got the task that it is at. */
export function chosenText(state: State, { attempt }: Agent): string {
  const choice = attempt === null ? undefined : state.attempts.get(attempt)?.choice;
  return choice ? choiceText(choice) : "";
}

/** What its attempts came to; null before the first outcome. */
export function recordOf({ standing }: Agent, at: number): AgentView["record"] {
  const { record } = standing ?? {};
  if (!record) return null;
  const { reliability, msPerUnit, usdPerUnit } = expectedOf(record, at, selectorDefaults.halfLifeMs);
  return { reliability, msPerUnit: msPerUnit ?? null, usdPerUnit: usdPerUnit ?? null };
}
