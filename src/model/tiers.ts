/** Models by what they cost: what `--model auto` starts with, and where it goes when gates fail. */
export interface Tier {
  name: string;
  /** `PROVIDER/ID`. */
  model: string;
  /** What a try at a task costs, in USD, as far as is known. */
  costUsd: number;
}

/** The name of the choice among tiers, where a model is named. */
export const autoModel = "auto";

/** The tier of an attempt, and why. */
export interface TierChoice {
  name: string;
  model: string;
  /** The chance to pass that was drawn for it. */
  chance: number;
  /** What the task was expected to cost from there on, in USD. */
  expectedUsd: number;
}

export interface ModelChoice {
  /** What was named, or else what pi's own settings name. */
  model: string;
  /** For `auto`: what pi's settings and prices give to choose from, cheapest first; else none. */
  tiers: Tier[];
}
