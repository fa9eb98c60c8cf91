import { present, unreachable } from "../lib/assert.ts";
import type { Millis } from "../lib/clock.ts";
import type { AllowanceEvent, TeamEvent } from "../model/events.ts";
import type { Team } from "../model/records.ts";
import { addUsage, noUsage, type Usage } from "../model/usage.ts";
import { type State, teamOf } from "./state.ts";

/** What a node may spend. */
export function evolveAllowance(state: State, event: AllowanceEvent): void {
  const node = present(state.nodes.get(event.node), `node ${event.node}`);
  const { scope } = event;
  switch (event.type) {
    case "allowanceGranted": {
      const { usd, tokens, version } = event;
      node.allowances = { ...node.allowances, [scope]: { usd, tokens, version } };
      return;
    }
    case "allowanceRecalled":
      present(node.allowances?.[scope], `allowance ${scope} of node ${node.id}`).recalled = true;
      return;
    default:
      unreachable(event);
  }
}

export function reachBudget(state: State, event: Extract<TeamEvent, { type: "teamBudgetReached" }>): void {
  teamOf(state, event.team).alerted = event.percent;
}

export function raiseBudget(state: State, event: Extract<TeamEvent, { type: "teamBudgetRaised" }>): void {
  const team = teamOf(state, event.team);
  team.budgetUsd = event.budgetUsd;
  delete team.alerted;
}

export function spendOnPlanning(state: State, event: Extract<TeamEvent, { type: "teamSpent" }>): void {
  const team = teamOf(state, event.team);
  const { node, usage, at } = event;
  spend(team, usage, at);
  if (node !== undefined) team.planned = { ...team.planned, [node]: addUsage(team.planned?.[node] ?? noUsage, usage) };
}

/** Adds to what a team has spent, in all and in the hour. */
export function spend(team: Team, usage: Usage, at: Millis): void {
  const hour = String(Math.floor(at / 3_600_000));
  team.usage = addUsage(team.usage, usage);
  // In place: a team that runs for a week has as many hours, and spends several times a second.
  team.hours ??= {};
  team.hours[hour] = addUsage(team.hours[hour] ?? noUsage, usage);
}
