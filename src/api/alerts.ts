import { startsAgentsAt, teamPace } from "../engine/retry-budget.ts";
import { type State, teamIndex } from "../engine/state.ts";
import { iso, type Millis } from "../lib/clock.ts";
import type { Node } from "../model/node-record.ts";
import type { Team } from "../model/records.ts";
import { teamEnded } from "../model/states.ts";
import { healthAlerts } from "./health-alerts.ts";

/** What keeps a team from going on as it should, a sentence each; none for one that has ended. */
export function alertsOf(state: State, team: Team): string[] {
  if (teamEnded(team.state)) return [];
  const nodes = [...state.nodes.values()].flatMap((node) => nodeAlerts(node, state.at));
  const money = team.alerted === undefined ? [] : [`${team.alerted}% of the budget is spent`];
  for (const gate of team.redGates ?? []) {
    nodes.push(`the gate \`${gate}\` failed before any work was done: its failing says nothing of an agent`);
  }
  const { burst, everyMs } = teamPace;
  if ((team.retriesFullAt ?? 0) - burst * everyMs > state.at) {
    nodes.push("so many attempts failed by the provider or the machine that retries wait for their turn");
  }
  nodes.push(...healthAlerts(state, team));
  const suspects = suspectsOf(state, team);
  if (suspects === 0) return [...money, ...nodes];
  const tasks = suspects === 1 ? "1 task is" : `${suspects} tasks are`;
  return [...money, ...nodes, `${tasks} suspected to kill agent hosts, and worked on alone in a host each`];
}

/** Crashes in short order from which on they are no chance. */
const crashLoop = 3;

function nodeAlerts(node: Node, at: Millis): string[] {
  const { id, state, pressure, crashes } = node;
  const startsAt = startsAgentsAt(node, at);
  const resting = `so many agent hosts of node ${id} died that it starts agents again at ${iso(startsAt)}`;
  const alerts = startsAt > at ? [resting] : [];
  if (pressure) alerts.push(`node ${id} takes no new work since ${iso(pressure.since)}: ${pressure.why}`);
  if (!crashes || crashes.count < crashLoop) return alerts;
  const waits = state === "lost" ? "; it is started again after up to a minute" : "";
  return [
    ...alerts,
    `node ${id} keeps dying, ${crashes.count} times up to ${iso(crashes.lastAt)}: see node.log${waits}`,
  ];
}

/** Those that wait, and those at work. */
function suspectsOf(state: State, team: Team): number {
  const { isolated, alone } = teamIndex(state, team.id);
  return isolated.size + [...alone].filter((id) => state.agents.get(id)?.attempt != null).length;
}
