import { agentOf, attemptOf, type State, taskOf, teamIndex } from "../engine/state.ts";
import type { Millis } from "../lib/clock.ts";
import type { Attempt, TeamId } from "../model/records.ts";
import type { AtWork } from "./stream-wire.ts";

/** As many as a person takes in at a glance. */
const most = 8;

interface Live {
  now: Millis;
  /** What each agent does. */
  activities: ReadonlyMap<string, string>;
}

/** What agents of a team have been at for longest, the slowest first. O(agents of the team). */
export function slowestTasks(state: State, team: TeamId, { now, activities }: Live): AtWork[] {
  const slowest: Attempt[] = [];
  for (const id of teamIndex(state, team).live) {
    const { attempt } = agentOf(state, id);
    if (attempt !== null) insert(slowest, attemptOf(state, attempt));
  }
  return slowest.map(({ task, agent, leasedAt }) => ({
    task: taskOf(state, task).key,
    agent,
    forMs: Math.max(0, now - leasedAt),
    activity: activities.get(agent) ?? "",
  }));
}

/** Keeps `slowest` in order and short. */
function insert(slowest: Attempt[], attempt: Attempt): void {
  const last = slowest[most - 1];
  if (last && attempt.leasedAt >= last.leasedAt) return;
  const at = slowest.findIndex(({ leasedAt }) => attempt.leasedAt < leasedAt);
  slowest.splice(at < 0 ? slowest.length : at, 0, attempt);
  slowest.length = Math.min(slowest.length, most);
}
