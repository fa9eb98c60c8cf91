/** How many agents a team may have, where all teams together want more than the nodes take: `federation/resources/shares.ts`. */
import { type Claim, shareOut } from "../federation/resources/shares.ts";
import type { NodeId, Team } from "../model/records.ts";
import { shareOf } from "../model/share.ts";
import { teamEnded } from "../model/states.ts";
import type { Context } from "./options.ts";
import { agentOf, type State, teamIndex, teamOf } from "./state.ts";

type Limits = Pick<Context, "options">;

/** Infinity where there is enough for all. O(teams that are active), and nothing while nodes take any number. */
export function entitled(state: State, team: Team, { options }: Limits): number {
  const { maxAgents, maxAgentsPerTeam } = options.policies.resources;
  const shared = Number.isFinite(maxAgents) ? sharedOut(state, team, maxAgents) : Number.POSITIVE_INFINITY;
  return Math.min(shared, maxAgentsPerTeam);
}

/** How many agents are on each node, besides those that work alone. O(agents). */
export function agentsByNode(state: State): Map<NodeId, number> {
  const counts = new Map<NodeId, number>();
  for (const { id } of liveTeams(state)) {
    for (const agent of teamIndex(state, id).live) {
      const { node, alone } = agentOf(state, agent);
      if (!alone) counts.set(node, (counts.get(node) ?? 0) + 1);
    }
  }
  return counts;
}

function sharedOut(state: State, team: Team, maxAgents: number): number {
  // One that is away for a moment keeps its agents.
  const nodes = [...state.nodes.values()].filter((node) => node.state !== "lost").length;
  const claims = liveTeams(state).map((each) => claimOf(state, each));
  const places = nodes * maxAgents;
  if (nodes === 0 || claims.reduce((sum, { wants }) => sum + wants, 0) <= places) return Number.POSITIVE_INFINITY;
  return shareOut(places, claims).get(team.id) ?? 0;
}

/** The oldest first. One that has ended still holds places until its agents have left. */
function liveTeams(state: State): Team[] {
  const teams = [...state.index.active].map((id) => teamOf(state, id));
  return teams.sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
}

/** What it has a use for: no more than it was asked to have, nor than it has tasks left; paused, what it still works on. */
function claimOf(state: State, team: Team): Claim {
  const { live, taskCounts, alone } = teamIndex(state, team.id);
  const { done, failed, cancelled, skipped } = taskCounts;
  const left = team.tasks.length - done - failed - cancelled - skipped;
  const [least, most] = team.min < team.max ? [team.min, team.max] : [0, team.desired];
  const wanted = team.state === "planning" ? team.desired : Math.max(least, Math.min(most, left));
  const holds = team.state === "paused" || teamEnded(team.state);
  return { team: team.id, ...shareOf(team), wants: holds ? live.size - alone.size : wanted };
}
