import { moneyOf } from "../model/budget.ts";
import type { Event } from "../model/events.ts";
import type { Failure, Team } from "../model/records.ts";
import { teamEnded } from "../model/states.ts";
import { budgetOf, shareFleet, shareTeam } from "./allowances.ts";
import { skipDependents } from "./failures.ts";
import { isolate } from "./isolation.ts";
import type { Context } from "./options.ts";
import { cannotStart, reconcile, relieve } from "./reconciler.ts";
import { autoscale } from "./scaling.ts";
import { nextLease } from "./scheduler.ts";
import { ejectOutliers } from "./standing.ts";
import { type State, taskOf, teamIndex, teamOf } from "./state.ts";

/**
 * What follows from the state by itself: agents started or drained, tasks leased, teams ended.
 * `apply` puts each step into effect before the next is asked for, so each looks at the state as it then is. Team by team
 * until nothing follows, and over again until nothing follows for any: what one does may be the cause of another.
 */
export function settle(state: State, context: Context, apply: (events: Event[]) => void): void {
  for (let again = true; again; ) {
    again = false;
    if (state.index.active.size > 0) apply(shareFleet(state, context));
    for (const id of state.index.active) {
      const team = teamOf(state, id);
      for (let more = settleTeam(state, team, context); more.length > 0; more = settleTeam(state, team, context)) {
        apply(more);
        again = true;
      }
    }
  }
}

function settleTeam(state: State, team: Team, context: Context): Event[] {
  const money = teamEnded(team.state) ? [] : [...shareTeam(state, team, context), ...alert(team, context)];
  if (money.length > 0) return money;
  const apart = isolate(state, team, context);
  if (apart.length > 0) return apart;
  const fewer = relieve(state, team, context);
  if (fewer.length > 0) return fewer;
  const fleet = reconcile(state, team, context);
  if (fleet.length > 0) return fleet;
  if (teamEnded(team.state)) return [];
  if (cannotStart(team, context) && teamIndex(state, team.id).live.size === 0) return noAgents(state, team, context);
  if (team.state === "planning") return autoscale(state, team, context);
  const index = teamIndex(state, team.id);
  const { taskCounts: counts } = index;
  if (team.allReadyAt === null && index.up >= team.desired) {
    return [{ type: "teamReady", at: context.at, team: team.id }];
  }
  if (counts.queued > 0 && outOfMoney(team)) {
    const whole = team.budgetUsd === null ? `${team.budgetTokens} tokens` : `$${team.budgetUsd}`;
    const detail = `the team's budget of ${whole} is spent`;
    return giveUpQueued(state, team, { reason: "budget", detail }, context);
  }
  const over = endIfOver(state, team, context);
  if (over.length > 0) return over;
  if (team.state !== "running") return [];
  const held = ejectOutliers(state, team, context);
  if (held.length > 0) return held;
  const lease = nextLease(state, team, context);
  return lease.length > 0 ? lease : autoscale(state, team, context);
}

/** The gateway never lets a team spend its last cent, so most often a task was refused before the money was gone. */
function endedByBudget(state: State, team: Team): boolean {
  return outOfMoney(team) || team.tasks.some((id) => taskOf(state, id).failure?.reason === "budget");
}

export function outOfMoney(team: Team): boolean {
  return spentPart(team) >= 1;
}

/** Of its budget, in whichever it has used more of: money or tokens. 0 without one. */
export function spentPart(team: Team): number {
  const { usd, tokens } = budgetOf(team);
  const spent = moneyOf(team.usage);
  const part = (used: number, limit: number | null) => (limit === null ? 0 : limit === 0 ? 1 : used / limit);
  return Math.max(part(spent.usd, usd), part(spent.tokens, tokens));
}

const alertsAt = [100, 80, 50];

/** The highest percentage that was not told yet. The last cent is never spent: what is left of it buys nothing. */
function alert(team: Team, { at }: Context): Event[] {
  const part = spentPart(team) * (1 + 1e-6) * 100;
  const percent = alertsAt.find((one) => part >= one);
  if (percent === undefined || percent <= (team.alerted ?? 0)) return [];
  return [{ type: "teamBudgetReached", at, team: team.id, percent }];
}

/** Fails every queued task, and skips what hangs on them: each once, in one pass. */
function giveUpQueued(state: State, team: Team, failure: Failure, { at }: Context): Event[] {
  const queued = team.tasks.map((id) => taskOf(state, id)).filter((task) => task.state === "queued");
  const seen = new Set(queued.map(({ id }) => id));
  return queued.flatMap((task): Event[] => [
    { type: "taskFailed", at, task: task.id, failure },
    ...skipDependents(state, task, at, seen),
  ]);
}

function noAgents(state: State, team: Team, context: Context): Event[] {
  const reason = "its agents do not start; see `godel agent list`";
  const events = giveUpQueued(state, team, { reason: "no-agents", detail: reason }, context);
  return events.length > 0 ? events : endIfOver(state, team, context, reason);
}

function endIfOver(state: State, team: Team, { at }: Context, why?: string): Event[] {
  const { done, failed, cancelled, skipped } = teamIndex(state, team.id).taskCounts;
  if (done + failed + cancelled + skipped < team.tasks.length) return [];
  if (failed + skipped === 0 && why === undefined)
    return [{ type: "teamEnded", at, team: team.id, state: "done", reason: "" }];
  const counted = `${failed === 1 ? "1 task" : `${failed} tasks`} failed, ${skipped} skipped`;
  const reason = why ?? (endedByBudget(state, team) ? "budget exhausted" : counted);
  return [{ type: "teamEnded", at, team: team.id, state: "failed", reason }];
}
