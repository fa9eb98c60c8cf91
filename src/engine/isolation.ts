/** Suspects are worked on by agents that share their hosts with nobody, besides those that the team asked for. */
import type { Event } from "../model/events.ts";
import type { Agent, Task, TaskId, Team } from "../model/records.ts";
import { teamEnded } from "../model/states.ts";
import { failTask } from "./failures.ts";
import type { Context } from "./options.ts";
import { cannotStart, drain, mayStart, request, stayingOf } from "./reconciler.ts";
import { agentOf, type State, type TeamIndex, takesWork, taskOf, teamIndex } from "./state.ts";

/** Moves the agents of a team that work alone towards one for each suspect, up to a bound. */
export function isolate(state: State, team: Team, context: Context): Event[] {
  const { isolated, alone } = teamIndex(state, team.id);
  if (alone.size === 0 && isolated.size === 0) return [];
  if (alone.size === 0 && cannotStart(team, context) && !teamEnded(team.state)) return giveUp(state, isolated, context);
  const agents = stayingOf(state, alone);
  const atWork = agents.filter(({ attempt }) => attempt !== null).length;
  const wanted = teamEnded(team.state) ? 0 : Math.min(isolated.size + atWork, context.options.maxAgentsAlone);
  if (agents.length > wanted) return drain(agents, agents.length - wanted, context);
  if (agents.length === wanted || !mayStart(team, context)) return [];
  return request(state, team, { count: wanted - agents.length, alone: true }, context);
}

/** Agents that work on other tasks may be left, but none that comes up would work on these. */
function giveUp(state: State, isolated: ReadonlySet<TaskId>, context: Context): Event[] {
  const [task] = isolated;
  const detail = "it is suspected to kill its hosts, and no agent comes up that would work on it alone";
  return task === undefined ? [] : failTask(state, taskOf(state, task), { reason: "no-agents", detail }, context);
}

/** A suspect whose files nobody works on and a free agent: those of a team have the same skills, and all that its tasks ask for. */
export function nextAlone(state: State, index: TeamIndex): { task: Task; agent: Agent } | undefined {
  const suspects = [...index.isolated].map((id) => taskOf(state, id));
  const task = suspects.find(({ files }) => !index.claims.conflict(files));
  const agent = task && [...index.idleAlone].map((id) => agentOf(state, id)).find((free) => takesWork(state, free));
  return agent && { task, agent };
}
