import { type State, teamIndex } from "../engine/state.ts";
import { iso } from "../lib/clock.ts";
import type { Node, Team } from "../model/records.ts";
import { teamEnded } from "../model/states.ts";

/** What keeps a team from going on as it should, a sentence each; none for one that has ended. */
export function alertsOf(state: State, team: Team): string[] {
  if (teamEnded(team.state)) return [];
  const nodes = [...state.nodes.values()].flatMap(nodeAlerts);
  const money = team.alerted === undefined ? [] : [`${team.alerted}% of the budget is spent`];
  const suspects = suspectsOf(state, team);
  if (suspects === 0) return [...money, ...nodes];
  const tasks = suspects === 1 ? "1 task is" : `${suspects} tasks are`;
  return [...money, ...nodes, `${tasks} suspected to kill agent hosts, and worked on alone in a host each`];
}

function nodeAlerts({ id, pressure }: Node): string[] {
  return pressure ? [`node ${id} takes no new work since ${iso(pressure.since)}: ${pressure.why}`] : [];
}

/** Those that wait, and those at work. */
function suspectsOf(state: State, team: Team): number {
  const { isolated, alone } = teamIndex(state, team.id);
  return isolated.size + [...alone].filter((id) => state.agents.get(id)?.attempt != null).length;
}
