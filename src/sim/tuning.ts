/** Which budgets the fleet and its teams have, by the seed. */
import { type BudgetOptions, budgetDefaults } from "../federation/budgets.ts";
import { policyDefaults, type ScalerTuning } from "../federation/policies.ts";
import { Dice } from "./dice.ts";

/** In one scenario of three the hour of a team whose size follows its work has a budget. */
export function scalerOf(seed: number): ScalerTuning {
  const dice = new Dice(seed, "budget of an hour");
  return {
    ...policyDefaults.scaler,
    maxCostPerHour: dice.pick([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 2]),
  };
}

/** In one scenario of ten all teams together have a budget too. */
export function fleetBudget(seed: number): BudgetOptions {
  const dice = new Dice(seed, "fleet's budget");
  return dice.chance(0.1) ? { ...budgetDefaults, totalUsd: dice.between(0.05, 2) } : budgetDefaults;
}
