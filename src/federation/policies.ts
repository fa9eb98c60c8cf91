/** The policies that a person may choose and tune, each as its own part resolves it. */
import { GodelError } from "../lib/errors.ts";
import { inRange, resolveOptions } from "../lib/options.ts";
import { entriesIn, optionsIn, optionsOf, type Settings } from "../model/settings.ts";
import type { Tier } from "../model/tiers.ts";
import { type OutlierOptions, outlierDefaults, outlierOptions } from "./balancing/outliers.ts";
import { type BudgetOptions, budgetDefaults, resolveBudgets } from "./budgets.ts";
import { type BreakerOptions, breakerDefaults, breakerOptions } from "./circuit-breaker.ts";
import { type HealthOptions, healthDefaults, resolveHealth } from "./health/options.ts";
import { type ResourceOptions, resolveResources, resourceDefaults } from "./resources/options.ts";
import { resolveScaler, type ScalerOptions, scalerDefaults } from "./scaling/options.ts";
import { type SelectorOptions, selectorDefaults, selectorOptions } from "./selecting/options.ts";

/** How many there may be is said when a team is spawned. */
export type ScalerTuning = Omit<ScalerOptions, "minAgents" | "maxAgents">;

/** Of agents that work on one task at a time, in a session of its own. */
export type SelectorTuning = Pick<SelectorOptions, "skillWeight" | "costWeight" | "speedWeight" | "reliabilityWeight">;

export interface Policies {
  /** Which agent gets a task. */
  selector: SelectorTuning;
  scaler: ScalerTuning;
  health: HealthOptions;
  /** Of each agent. */
  breaker: Omit<BreakerOptions, "guards">;
  outliers: OutlierOptions;
  budget: BudgetOptions;
  /** For `--model auto`, cheapest first. None: derived from pi's own settings and prices. */
  tiers: readonly Tier[];
  resources: ResourceOptions;
  /** Of setting agents aside, by team. */
  recovery: Omit<BreakerOptions, "guards">;
}

const { minAgents: _, maxAgents: __, ...scalerTuning } = scalerDefaults;
const { guards: ___, ...breakerTuning } = breakerDefaults;

export const policyDefaults: Policies = {
  selector: weighing(selectorDefaults),
  scaler: scalerTuning,
  health: healthDefaults,
  breaker: breakerTuning,
  outliers: outlierDefaults,
  budget: budgetDefaults,
  resources: resourceDefaults,
  tiers: [],
  recovery: { ...breakerTuning, failureThreshold: 5, openMs: 60_000 },
};

/** The policies that `settings` choose, the defaults filled in. @throws GodelError SETTINGS_INVALID */
export function policiesOf(settings: Settings): Policies {
  return {
    selector: optionsOf(settings, "selector", policyDefaults.selector, (given) => weighing(selectorOptions(given))),
    scaler: optionsOf(settings, "scaler", policyDefaults.scaler, (given) => tuned(resolveScaler(given))),
    health: optionsOf(settings, "health", policyDefaults.health, resolveHealth),
    breaker: optionsOf(settings, "breaker", policyDefaults.breaker, (given) => guarding(breakerOptions(given))),
    recovery: optionsOf(settings, "recovery", policyDefaults.recovery, (given) =>
      guarding(breakerOptions({ ...policyDefaults.recovery, ...given })),
    ),
    outliers: optionsOf(settings, "outliers", policyDefaults.outliers, outlierOptions),
    budget: optionsOf(settings, "budget", policyDefaults.budget, resolveBudgets),
    resources: optionsOf(settings, "resources", policyDefaults.resources, resolveResources),
    tiers: tiersOf(settings),
  };
}

const tierDefaults = { model: "", costUsd: 0.1 };

/** In their order in the file. @throws GodelError SETTINGS_INVALID */
function tiersOf(settings: Settings): Tier[] {
  return [...entriesIn(settings.get("tiers"), "tiers")].map(([name, setting]) => ({
    name,
    ...optionsIn(setting, `tiers.${name}`, tierDefaults, (given) => {
      const { model, costUsd } = resolveOptions(tierDefaults, given);
      if (!/^[^/\s]+\/\S+$/.test(model) && model !== "demo")
        throw new GodelError("OPTION_RANGE", "model must be PROVIDER/ID");
      return { model, costUsd: inRange("costUsd", costUsd, 0, 1e6) };
    }),
  }));
}

function weighing({ skillWeight, costWeight, speedWeight, reliabilityWeight }: SelectorOptions): SelectorTuning {
  return { skillWeight, costWeight, speedWeight, reliabilityWeight };
}

function tuned({ minAgents: _, maxAgents: __, ...scaler }: ScalerOptions): ScalerTuning {
  return scaler;
}

function guarding({ guards: _, ...breaker }: BreakerOptions): Policies["breaker"] {
  return breaker;
}
