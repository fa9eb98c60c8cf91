/** `--model auto`: which tier tries a task next, and what is learnt of it. */
import { chooseTier, recorded } from "../federation/cascade.ts";
import { type PreferredCost, usualCost } from "../model/preferred-cost.ts";
import type { Attempt, Task, Team } from "../model/records.ts";
import type { TierChoice } from "../model/tiers.ts";
import type { Context } from "./options.ts";
import { attemptOf, type State, spentOnTask, taskOf, teamOf } from "./state.ts";

/** What failed here says something of the model; all else says something of the machine, the provider or a person. */
const byTheWork: ReadonlySet<string> = new Set(["gate", "no-diff", "agent-error", "timeout"]);

/** The tier for the next attempt at a task, where its team has any. The draw is journaled with the lease. */
export function tierFor(state: State, task: Task, context: Context): { tier?: TierChoice } {
  const team = teamOf(state, task.team);
  const { tiers = [] } = team;
  if (tiers.length === 0) return {};
  const failed = tiers.flatMap(({ name }, index) => (failedTiers(state, task).has(name) ? [index] : []));
  const leftUsd = leftFor(state, task, team);
  const request = { tiers, skill: skillOf(task), failed, leftUsd, preferredCost: preferredCostOf(state, task) };
  const choice = chooseTier(request, { at: context.at, random: context.random, records: state.tierRecords });
  const { name = "", model = "" } = tiers[choice.tier] ?? {};
  return { tier: { name, model, chance: choice.chance, expectedUsd: choice.expectedUsd } };
}

/** What an attempt that has just ended says of its tier. For `evolve`: it decides nothing. */
export function learn(state: State, attempt: Attempt, at: number): void {
  const passed = attempt.state === "accepted";
  if (!attempt.tier || !(passed || byTheWork.has(attempt.failure?.reason ?? ""))) return;
  const task = taskOf(state, attempt.task);
  const tier = attempt.tier.name;
  const retried = [...failedTiers(state, task)].some((name) => name !== tier);
  state.tierRecords = recorded(state.tierRecords, { tier, skill: skillOf(task), retried, passed }, { at });
}

/** The task's own wish, else its team's. */
export function preferredCostOf(state: State, task: Task): PreferredCost {
  return task.preferredCost ?? teamOf(state, task.team).preferredCost ?? usualCost;
}

/** Tasks that ask for the same skills are alike. */
export function skillOf({ skills }: Task): string {
  return skills.toSorted().join("+");
}

function failedTiers(state: State, task: Task): Set<string> {
  const attempts = task.attempts.map((id) => attemptOf(state, id));
  return new Set(
    attempts.flatMap(({ tier, failure }) => (tier && byTheWork.has(failure?.reason ?? "") ? [tier.name] : [])),
  );
}

function leftFor(state: State, task: Task, { budgetUsd, usage }: Team): number {
  const ofTask = (task.budgetUsd ?? Number.POSITIVE_INFINITY) - spentOnTask(state, task).usd;
  return Math.min(ofTask, (budgetUsd ?? Number.POSITIVE_INFINITY) - usage.costUsd);
}

/** What agents of a team start with; each attempt may be by another. */
export function firstModel({ model, tiers }: Pick<Team, "model" | "tiers">): string {
  return tiers?.[0]?.model ?? model;
}

/** What plans for a team: a bad plan costs more than any model. */
export function bestModel({ model, tiers }: Pick<Team, "model" | "tiers">): string {
  return tiers?.at(-1)?.model ?? model;
}
