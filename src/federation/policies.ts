/** The policies that a person may choose and tune, each as its own part resolves it. */
import { optionsOf, type Settings } from "../model/settings.ts";
import { type OutlierOptions, outlierDefaults, outlierOptions } from "./balancing/outliers.ts";
import { type BudgetOptions, budgetDefaults, resolveBudgets } from "./budgets.ts";
import { type BreakerOptions, breakerDefaults, breakerOptions } from "./circuit-breaker.ts";
import { type HealthOptions, healthDefaults, resolveHealth } from "./health/options.ts";
import { resolveScaler, type ScalerOptions, scalerDefaults } from "./scaling/options.ts";

/** How many there may be is said when a team is spawned. */
export type ScalerTuning = Omit<ScalerOptions, "minAgents" | "maxAgents">;

export interface Policies {
  scaler: ScalerTuning;
  health: HealthOptions;
  /** Of each agent. */
  breaker: Omit<BreakerOptions, "guards">;
  outliers: OutlierOptions;
  budget: BudgetOptions;
}

const { minAgents: _, maxAgents: __, ...scalerTuning } = scalerDefaults;
const { guards: ___, ...breakerTuning } = breakerDefaults;

export const policyDefaults: Policies = {
  scaler: scalerTuning,
  health: healthDefaults,
  breaker: breakerTuning,
  outliers: outlierDefaults,
  budget: budgetDefaults,
};

/** The policies that `settings` choose, the defaults filled in. @throws GodelError SETTINGS_INVALID */
export function policiesOf(settings: Settings): Policies {
  return {
    scaler: optionsOf(settings, "scaler", policyDefaults.scaler, (given) => tuned(resolveScaler(given))),
    health: optionsOf(settings, "health", policyDefaults.health, resolveHealth),
    breaker: optionsOf(settings, "breaker", policyDefaults.breaker, (given) => guarding(breakerOptions(given))),
    outliers: optionsOf(settings, "outliers", policyDefaults.outliers, outlierOptions),
    budget: optionsOf(settings, "budget", policyDefaults.budget, resolveBudgets),
  };
}

function tuned({ minAgents: _, maxAgents: __, ...scaler }: ScalerOptions): ScalerTuning {
  return scaler;
}

function guarding({ guards: _, ...breaker }: BreakerOptions): Policies["breaker"] {
  return breaker;
}
