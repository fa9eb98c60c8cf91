/**
 * Figures of some models from the polyglot leaderboard of aider (Aider-AI/aider, Apache License 2.0, as of May 2026):
 * the share of 225 exercises that passed within two tries, and what all of them cost. Those that no other in the table
 * beats in both, cheapest first, without models that are listed as free.
 */
export interface Model {
  name: string;
  /** `pass_rate_2`, as a share. */
  passRate: number;
  /** `total_cost`, in USD. */
  totalUsd: number;
}

export const exercises = 225;

export const models: readonly Model[] = [
  { name: "DeepSeek-V3.2-Exp (Chat)", passRate: 0.702, totalUsd: 0.8756 },
  { name: "DeepSeek-V3.2-Exp (Reasoner)", passRate: 0.742, totalUsd: 1.3045 },
  { name: "gpt-5 (low)", passRate: 0.813, totalUsd: 10.3713 },
  { name: "gpt-5 (medium)", passRate: 0.867, totalUsd: 17.693 },
  { name: "gpt-5 (high)", passRate: 0.88, totalUsd: 29.0829 },
];
