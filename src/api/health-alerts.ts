import { isPanicking, notBefore, whyHeld } from "../engine/standing.ts";
import { type State, teamIndex } from "../engine/state.ts";
import type { BreakerSnapshot } from "../federation/circuit-breaker.ts";
import { iso } from "../lib/clock.ts";
import type { Agent, Team } from "../model/records.ts";

/** Agents that are named before the rest is counted. */
const named = 3;

/** What the health monitor found and what is done about it, a sentence each. */
export function healthAlerts(state: State, team: Team): string[] {
  const live = [...teamIndex(state, team.id).live].flatMap((id) => state.agents.get(id) ?? []);
  return [...suspectAgents(live), ...heldAgents(state, team), ...recovery(state, team), ...quarantine(state, team)];
}

function suspectAgents(live: readonly Agent[]): string[] {
  const suspects = live.filter((agent) => agent.state === "suspect");
  const shown = suspects
    .slice(0, named)
    .map(({ id, suspicion }) => `agent ${id} is suspect: ${suspicion?.detail ?? "?"}`);
  return suspects.length > named ? [...shown, `${suspects.length - named} more agents are suspect`] : shown;
}

/** Those that get no work for how they have done. */
function heldAgents(state: State, team: Team): string[] {
  const index = teamIndex(state, team.id);
  const held = [...index.limited].flatMap((id) => state.agents.get(id) ?? []);
  const out = held.filter((agent) => notBefore(agent) > state.at);
  if (out.length === 0) return [];
  const shown = out
    .slice(0, named)
    .map((agent) => `agent ${agent.id} gets no work until ${iso(notBefore(agent))}: ${whyHeld(agent, state.at)}`);
  if (out.length > named) shown.push(`${out.length - named} more agents get no work for a while`);
  if (isPanicking(state, index, state.at)) {
    shown.push("most agents fail, so all of them get work all the same: the cause is likely not the agents");
  }
  return shown;
}

/** The breaker on setting agents aside, while it holds that back. */
function recovery(state: State, { recovery }: Team): string[] {
  const breaker = recovery?.breaker as BreakerSnapshot | undefined;
  if (!breaker || breaker.state === "closed") return [];
  const until =
    breaker.openUntil > state.at ? `until ${iso(breaker.openUntil)}` : "until one more shows whether that helps";
  return [`one agent after the other was set aside and no work got done, so none is set aside ${until}`];
}

function quarantine(state: State, { quarantine, startNotBefore }: Team): string[] {
  if (!quarantine || startNotBefore <= state.at) return [];
  return [`no agent is started before ${iso(startNotBefore)}: ${quarantine.detail}`];
}
