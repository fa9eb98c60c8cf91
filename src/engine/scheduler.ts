import type { Millis } from "../lib/clock.ts";
import type { Event } from "../model/events.ts";
import type { AgentChoice } from "../model/reasons.ts";
import type { Agent, Task, Team } from "../model/records.ts";
import { tierFor } from "./cascade.ts";
import { nextAlone } from "./isolation.ts";
import type { Context } from "./options.ts";
import { sessionLeft } from "./resumption.ts";
import { startsAgentsAt } from "./retry-budget.ts";
import { hasRoom } from "./rooms.ts";
import { chooseAgent, noted } from "./selecting.ts";
import { probe, standingWake } from "./standing.ts";
import { agentOf, type State, type TeamIndex, teamIndex } from "./state.ts";
import { ripen } from "./waiting.ts";

/**
 * The next pairing of a task with an agent, or nothing while none fits.
 *
 * Late binding: tasks wait in one central queue, and are bound only when an agent is free. `evolve` reserves the
 * agent at once, so the next call sees one agent less. Logarithmic in the size of the fleet, also when nobody fits, and in
 * the queue, whatever waits for files that others work on.
 */
export function nextLease(state: State, team: Team, context: Context): Event[] {
  const index = teamIndex(state, team.id);
  if (tooMuchUnmerged(index, team, context)) return [];
  const apart = nextAlone(state, index);
  if (apart) return hasRoom(state, apart.agent.node) ? lease(state, apart.task, apart.agent, context) : [];
  if (index.idle.size === 0) return [];
  ripen(index, context.at);
  for (const task of index.ready.best()) {
    const choice = chooseAgent(state, index, task, context);
    if (!choice.agent) continue;
    const agent = agentOf(state, choice.agent.id);
    return hasRoom(state, agent.node) ? lease(state, task, agent, context, noted(choice)) : [];
  }
  return [];
}

function lease(
  state: State,
  task: Task,
  agent: Agent,
  context: Context,
  choice: { choice?: AgentChoice } = {},
): Event[] {
  const number = task.attempts.length + 1;
  const leased: Event = {
    type: "attemptLeased",
    at: context.at,
    attempt: `${task.id}/${number}`,
    task: task.id,
    agent: agent.id,
    number,
    ...sessionLeft(state, task, context),
    ...tierFor(state, task, context),
    ...choice,
  };
  return [leased, ...probe(agent, context)];
}

/** Agents outrun gates and merges easily; past this, more work would only be stale work. */
export function tooMuchUnmerged(index: TeamIndex, team: Team, { options }: Pick<Context, "options">): boolean {
  const { verifying, merging } = index.taskCounts;
  return verifying + merging >= Math.max(16, team.desired * options.maxUnmergedPerAgent);
}

/** When something that waits for a time may go on: the end of the earliest backoff, of a task or of starting agents. */
export function nextWake(state: State, at: Millis): Millis | undefined {
  const nodes = state.index.active.size === 0 ? [] : [...state.nodes.values()];
  let earliest = nodes.map((node) => startsAgentsAt(node, at)).find((time) => time > at);
  for (const id of state.index.active) {
    const team = state.teams.get(id);
    const index = teamIndex(state, id);
    for (const time of [index.delayed.peek()?.notBefore, team?.startNotBefore, standingWake(state, index, at)]) {
      if (time !== undefined && time > at && (earliest === undefined || time < earliest)) earliest = time;
    }
  }
  return earliest;
}
