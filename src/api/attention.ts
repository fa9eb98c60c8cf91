/** What needs a person, grouped by cause, so that one decision does for many. Pure; read off the state that decides. */
import { outOfMoney } from "../engine/settle.ts";
import { type State, taskOf, teamIndex } from "../engine/state.ts";
import { iso } from "../lib/clock.ts";
import type { Task, Team } from "../model/records.ts";
import { taskEnded, teamEnded } from "../model/states.ts";
import { alertsOf } from "./alerts.ts";
import type { AttentionGroup } from "./attention-wire.ts";
import { needsAnswer } from "./parked-views.ts";
import type { LiveAgents } from "./views.ts";

/** Things of a group that are named; the rest is counted. */
const maxItems = 100;
/** From this part of a budget on, in percent, somebody should know. */
const budgetIsShort = 80;

export function attentionOf(state: State, live: Pick<LiveAgents, "parkedOf">): AttentionGroup[] {
  const teams = [...state.teams.values()].filter((team) => !team.archived && team.state !== "killed");
  return teams
    .flatMap((team) => [
      ...failures(state, team),
      ...budget(team),
      ...pauses(state, team),
      ...parked(state, team, live),
      ...alerts(state, team),
    ])
    .sort((a, b) => urgency(b) - urgency(a));
}

/** What holds up most comes first; what only wants to be known, last. */
function urgency({ count, heldUp, actions }: AttentionGroup): number {
  return (actions.length > 0 ? 1e6 : 0) + count + heldUp;
}

function failures(state: State, team: Team): AttentionGroup[] {
  const failed = team.tasks.map((id) => taskOf(state, id)).filter((task) => task.state === "failed");
  const byReason = Map.groupBy(failed, ({ failure }) => failure?.reason ?? "agent-error");
  const groups = [...byReason].map(([reason, tasks]): AttentionGroup => {
    const short = reason === "budget";
    return {
      ...blank(team, `failed ${reason}`),
      cause: short ? "budget" : "failed",
      title: `${counted(tasks.length, "task")} failed: ${reason}`,
      count: tasks.length,
      items: tasks.slice(0, maxItems).map(({ id, failure }) => ({ id, detail: failure?.detail ?? "" })),
      heldUp: hangingOn(state, tasks),
      since: iso(Math.max(...tasks.map(({ endedAt }) => endedAt ?? 0))),
      actions: short && team.budgetUsd !== null ? ["raise-budget"] : ["retry"],
    };
  });
  if (groups.length > 0 || team.state !== "failed") return groups;
  return [
    {
      ...blank(team, "team-failed"),
      cause: "team-failed",
      title: `the team failed: ${team.reason}`,
      since: team.endedAt === null ? null : iso(team.endedAt),
    },
  ];
}

/** Those that run short while they are at work; what failed for lack of money is told with its tasks. */
function budget(team: Team): AttentionGroup[] {
  const isShort = !teamEnded(team.state) && team.budgetUsd !== null && (team.alerted ?? 0) >= budgetIsShort;
  if (!isShort) return [];
  const title = outOfMoney(team) ? "the budget is spent" : `${team.alerted}% of the budget is spent`;
  return [{ ...blank(team, "budget"), cause: "budget", title, actions: ["raise-budget"] }];
}

function pauses(state: State, team: Team): AttentionGroup[] {
  if (team.state === "paused") {
    const { queued, blocked } = teamIndex(state, team.id).taskCounts;
    const title = "the team is paused";
    return [{ ...blank(team, "paused"), cause: "paused", title, heldUp: queued + blocked, actions: ["resume-team"] }];
  }
  const live = [...teamIndex(state, team.id).live].flatMap((id) => state.agents.get(id) ?? []);
  const paused = live.filter((agent) => agent.state === "paused");
  if (paused.length === 0) return [];
  return [
    {
      ...blank(team, "agents-paused"),
      cause: "agents-paused",
      title: `${counted(paused.length, "agent")} ${paused.length === 1 ? "is" : "are"} paused`,
      count: paused.length,
      items: paused.slice(0, maxItems).map(({ id, attempt }) => ({ id, detail: attempt ?? "" })),
      actions: ["resume-agents"],
    },
  ];
}

/** For a limit that lifts by itself nobody needs to come; for one of which nobody knows when it lifts, somebody may. */
function parked(state: State, team: Team, live: Pick<LiveAgents, "parkedOf">): AttentionGroup[] {
  const endless = live.parkedOf(team.id).filter((each) => each.until === null || needsAnswer(each, state.at));
  return [...Map.groupBy(endless, ({ why }) => why)].map(([why, all]): AttentionGroup => {
    const title = `${counted(all.length, "agent")} ${all.length === 1 ? "waits" : "wait"} for a provider: ${why}`;
    const isAsked = all.some((each) => needsAnswer(each, state.at));
    const actions: AttentionGroup["actions"] = isAsked ? ["answer"] : [];
    return { ...blank(team, `parked ${why}`), cause: "parked", title, count: all.length, actions };
  });
}

function alerts(state: State, team: Team): AttentionGroup[] {
  const told = alertsOf(state, team).filter((text) => !/^\d+% of the budget/.test(text));
  return told.map((title): AttentionGroup => ({ ...blank(team, `alert ${title}`), cause: "alert", title }));
}

function blank({ id, name, budgetUsd }: Team, cause: string): Omit<AttentionGroup, "cause" | "title"> {
  const key = `${id} ${cause}`;
  return { key, team: { id, name }, count: 0, items: [], heldUp: 0, since: null, budgetUsd, actions: [] };
}

/** Tasks below these that cannot be done before them, each once. */
function hangingOn(state: State, tasks: readonly Task[]): number {
  const seen = new Set(tasks.flatMap(({ dependents }) => dependents));
  for (const id of seen) for (const below of taskOf(state, id).dependents) seen.add(below);
  return [...seen].map((id) => taskOf(state, id)).filter(({ state }) => !taskEnded(state) || state === "skipped")
    .length;
}

function counted(count: number, what: string): string {
  return count === 1 ? `1 ${what}` : `${count.toLocaleString("en-US")} ${what}s`;
}
