import type { Event } from "../model/events.ts";
import type { Team } from "../model/records.ts";
import { taskEnded, teamEnded } from "../model/states.ts";
import { failTask } from "./failures.ts";
import type { Context } from "./options.ts";
import { reconcile } from "./reconciler.ts";
import { nextLease } from "./scheduler.ts";
import { type State, taskOf, teamIndex, teamOf } from "./state.ts";

/**
 * What follows from the state by itself: agents started or drained, tasks leased, teams ended.
 * The loop applies it and asks again until nothing follows, so each step may look at the state as it then is.
 */
export function settle(state: State, context: Context): Event[] {
  for (const id of state.index.active) {
    const events = settleTeam(state, teamOf(state, id), context);
    if (events.length > 0) return events;
  }
  return [];
}

function settleTeam(state: State, team: Team, context: Context): Event[] {
  const fleet = reconcile(state, team, context);
  if (fleet.length > 0) return fleet;
  if (team.state === "planning" || teamEnded(team.state)) return [];
  const index = teamIndex(state, team.id);
  const { taskCounts: counts } = index;
  if (team.allReadyAt === null && index.up >= team.desired) {
    return [{ type: "teamReady", at: context.at, team: team.id }];
  }
  if (counts.queued > 0 && outOfMoney(team)) return giveUpQueued(state, team, context);
  if (counts.done + counts.failed + counts.cancelled + counts.skipped === team.tasks.length)
    return end(team, counts, context);
  if (team.state !== "running") return [];
  const lease = nextLease(state, team, context);
  return lease ? [lease] : [];
}

export function outOfMoney(team: Team): boolean {
  return team.budgetUsd !== null && team.usage.costUsd >= team.budgetUsd;
}

function giveUpQueued(state: State, team: Team, context: Context): Event[] {
  const task = team.tasks.map((id) => taskOf(state, id)).find(({ state: now }) => now === "queued");
  const detail = `the team's budget of $${team.budgetUsd} is spent`;
  return task && !taskEnded(task.state) ? failTask(state, task, { reason: "budget", detail }, context) : [];
}

function end(team: Team, counts: { failed: number; skipped: number }, { at }: Context): Event[] {
  const bad = counts.failed + counts.skipped;
  if (bad === 0) return [{ type: "teamEnded", at, team: team.id, state: "done", reason: "" }];
  const failed = counts.failed === 1 ? "1 task failed" : `${counts.failed} tasks failed`;
  const reason = outOfMoney(team) ? "budget exhausted" : `${failed}, ${counts.skipped} skipped`;
  return [{ type: "teamEnded", at, team: team.id, state: "failed", reason }];
}
