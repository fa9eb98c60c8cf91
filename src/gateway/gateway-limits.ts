import { inRange, resolveOptions } from "../lib/options.ts";

export interface GatewayLimits {
  /** Largest request, in bytes; more is refused with 413. Default 64 MiB; 1 KiB to 512 MiB. Held in memory until sent. */
  maxBodyBytes: number;
  /** Connections from agents, and towards each provider; more wait or are refused. Default 4,096; 1 to 65,536. */
  maxConnections: number;
  /** Largest answer, in bytes; a longer one is cut. Default 256 MiB; 1 KiB to 1 GiB. It passes through, and is not held. */
  maxAnswerBytes: number;
  /** Requests that may wait for a provider's limit; the next gets 429 at once. Default 4,096; 0 to 65,536. Each holds its body. */
  maxLimitWaiting: number;
  /** How often a request that failed at its provider is repeated, waits for limits apart. Default 8; 0 to 100. */
  maxRepeats: number;
  /** Longest wait for money that other requests of the team have reserved, in ms, before 429. Default 60,000; 0 to 600,000. */
  budgetWaitMs: number;
  /** Requests of one team that may wait so; the next gets 429 at once. Default 4,096; 0 to 65,536. Each holds its body. */
  maxBudgetWaiting: number;
  /** The demo model's wait before its first token, in ms. Default 0; 0 to 60,000. */
  demoLatencyMs: number;
}
const defaults: GatewayLimits = {
  maxBodyBytes: 64 * 2 ** 20,
  maxConnections: 4_096,
  maxAnswerBytes: 256 * 2 ** 20,
  maxLimitWaiting: 4_096,
  maxRepeats: 8,
  budgetWaitMs: 60_000,
  maxBudgetWaiting: 4_096,
  demoLatencyMs: 0,
};

/** @throws GodelError OPTION_UNKNOWN, OPTION_RANGE */
export function checkedLimits(given: Partial<GatewayLimits> | undefined): GatewayLimits {
  const limits = resolveOptions(defaults, given);
  inRange("maxBodyBytes", limits.maxBodyBytes, 2 ** 10, 512 * 2 ** 20);
  inRange("maxConnections", limits.maxConnections, 1, 65_536);
  inRange("maxAnswerBytes", limits.maxAnswerBytes, 2 ** 10, 2 ** 30);
  inRange("maxLimitWaiting", limits.maxLimitWaiting, 0, 65_536);
  inRange("maxRepeats", limits.maxRepeats, 0, 100);
  inRange("budgetWaitMs", limits.budgetWaitMs, 0, 600_000);
  inRange("maxBudgetWaiting", limits.maxBudgetWaiting, 0, 65_536);
  inRange("demoLatencyMs", limits.demoLatencyMs, 0, 60_000);
  return limits;
}
