import type { State } from "../engine/state.ts";
import { agedOutcomes, meanChance } from "../federation/cascade.ts";
import type { Millis } from "../lib/clock.ts";
import type { Team } from "../model/records.ts";
import type { TierView } from "./cost-wire.ts";

/** What a team chooses its models from, and what is learnt of each. */
export function tierViews({ tierRecords }: State, { tiers = [] }: Team, now: Millis): TierView[] {
  return tiers.map((tier) => {
    const known = Object.entries(tierRecords).filter(([key]) => key.startsWith(`${tier.name} `));
    const chances = known.map(([key, record]) => {
      const [skill = "", tries] = key.slice(tier.name.length + 1).split(" ");
      const { passed, failed } = agedOutcomes(record, now);
      const chance = meanChance(record, now);
      return { skill, retried: tries === "retried", chance, outcomes: Math.round((passed + failed) * 10) / 10 };
    });
    return { ...tier, chances };
  });
}
