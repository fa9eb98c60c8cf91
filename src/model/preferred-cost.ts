/**
 * How much cost matters beside what it buys, of a task or of all tasks of a team. Said once, and heeded by whoever chooses:
 * an agent (`AgentSelector`), and a model under `auto` (`chooseTier`).
 */
export const preferredCosts = ["low", "medium", "high"] as const;
export type PreferredCost = (typeof preferredCosts)[number];

/** Where nothing is said. */
export const usualCost: PreferredCost = "medium";

/** Cost counts so many times: not at all for `high`, where the work is all that counts. */
export const costFactors: Readonly<Record<PreferredCost, number>> = { low: 3, medium: 1, high: 0 };

export function isPreferredCost(value: unknown): value is PreferredCost {
  return preferredCosts.some((cost) => cost === value);
}
