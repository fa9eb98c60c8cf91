import { GodelError } from "../../lib/errors.ts";
import type { Plan } from "../../model/plan.ts";

/** Of a budget, what is held back for tasks that must be tried again, and for what no plan foresees. */
export const reserveShare = 0.2;

/**
 * `plan` with `budgetUsd` split over its tasks by their weight, after the reserve and what tasks were given already.
 * Each share is rounded down to a hundredth of a cent, so that they never add up to more.
 * @throws GodelError OPTION_RANGE when nothing is left to split
 */
export function splitBudget(plan: Plan, budgetUsd: number): Plan {
  const open = plan.tasks.filter((task) => task.budgetUsd === null);
  const given = plan.tasks.reduce((sum, task) => sum + (task.budgetUsd ?? 0), 0);
  const weight = open.reduce((sum, task) => sum + task.weight, 0);
  const rest = budgetUsd * (1 - reserveShare) - given;
  if (rest <= 0 && open.length > 0) {
    throw new GodelError(
      "OPTION_RANGE",
      `budget: the plan gives $${given} to tasks by itself, which leaves nothing of $${budgetUsd} to split.`,
    );
  }
  const share = (of: number) => Math.floor(((rest * of) / weight) * 1e4) / 1e4;
  return {
    ...plan,
    tasks: plan.tasks.map((task) => (task.budgetUsd === null ? { ...task, budgetUsd: share(task.weight) } : task)),
  };
}
