import type { Millis } from "../../lib/clock.ts";
import { GodelError } from "../../lib/errors.ts";
import { didYouMean } from "../../lib/nearest.ts";
import { inRange, resolveOptions } from "../../lib/options.ts";
import { type BreakerOptions, breakerOptions } from "../circuit-breaker.ts";
import { ConsistentHashStrategy } from "../strategies/consistent-hash.ts";
import { LeastConnectionsStrategy } from "../strategies/least-connections.ts";
import { PeakEwmaStrategy } from "../strategies/peak-ewma.ts";
import { PowerOfTwoStrategy } from "../strategies/power-of-two.ts";
import { RoundRobinStrategy } from "../strategies/round-robin.ts";
import type { Strategy } from "../strategies/strategy.ts";
import { WeightedStrategy } from "../strategies/weighted.ts";
import { type OutlierOptions, outlierOptions } from "./outliers.ts";

/** Every strategy by name, with its defaults. */
const strategies = {
  "round-robin": () => new RoundRobinStrategy(),
  "least-connections": () => new LeastConnectionsStrategy(),
  weighted: () => new WeightedStrategy(),
  "consistent-hash": () => new ConsistentHashStrategy(),
  "power-of-two": () => new PowerOfTwoStrategy(),
  "peak-ewma": () => new PeakEwmaStrategy(),
} satisfies Record<string, () => Strategy>;

export type StrategyName = keyof typeof strategies;

/** What those who watch an agent say of it. `suspect` has been silent for a while; `ejected` was set aside. */
export type Health = "healthy" | "suspect" | "ejected";

export interface LoadBalancerOptions {
  /** A name, or a strategy of one's own, which then serves this balancer alone. Default least-connections. */
  strategy: StrategyName | Strategy;
  /** Gap between two health checks, in ms: each asks `health` and looks for outliers. Made with the first call that comes after it is due, so an idle balancer does nothing. Default 5,000, from 10 to 1 hour. */
  healthCheckInterval: Millis;
  /** Asked of each agent at each check; without it, health is what `setHealth` said last. O(agents) a check. */
  health: ((id: string) => Health) | undefined;
  /** Of each agent. Default: see `BreakerOptions`. */
  circuitBreaker: Partial<BreakerOptions>;
  /** Who is worse than its peers is set aside for a while. Default: see `OutlierOptions`. */
  outliers: Partial<OutlierOptions>;
  /** With a smaller share healthy than this, health is ignored, or the few would be crushed; with none, picks fail. Default 0.5, from 0 (never) to 1. */
  panicThreshold: number;
  /** Time in which one that joins or comes back rises to its full weight, in ms. Default 30,000; 0 is off; at most 1 hour. */
  slowStartMs: Millis;
  /** Above 1 the weight rises fast at first. Default 1, from 0.1 to 10. */
  slowStartAggression: number;
  /** Calls of `getAgent` that may wait at once; more are refused. Default 10,000, from 0 to 1,000,000. */
  maxWaiting: number;
}

export const balancerDefaults: LoadBalancerOptions = {
  strategy: "least-connections",
  healthCheckInterval: 5_000,
  health: undefined,
  circuitBreaker: {},
  outliers: {},
  panicThreshold: 0.5,
  slowStartMs: 30_000,
  slowStartAggression: 1,
  maxWaiting: 10_000,
};

export type ResolvedOptions = LoadBalancerOptions & { circuitBreaker: BreakerOptions; outliers: OutlierOptions };

/** @throws GodelError OPTION_UNKNOWN with the nearest name, OPTION_RANGE. */
export function balancerOptions(given: Partial<LoadBalancerOptions> = {}): ResolvedOptions {
  const options = resolveOptions(balancerDefaults, given);
  inRange("healthCheckInterval", options.healthCheckInterval, 10, 3_600_000);
  inRange("panicThreshold", options.panicThreshold, 0, 1);
  inRange("slowStartMs", options.slowStartMs, 0, 3_600_000);
  inRange("slowStartAggression", options.slowStartAggression, 0.1, 10);
  inRange("maxWaiting", options.maxWaiting, 0, 1_000_000);
  const circuitBreaker = breakerOptions(options.circuitBreaker);
  return { ...options, circuitBreaker, outliers: outlierOptions(options.outliers) };
}

/** @throws GodelError OPTION_UNKNOWN for a name that is none. */
export function strategyOf(strategy: StrategyName | Strategy): Strategy {
  if (typeof strategy !== "string") return strategy;
  if (Object.hasOwn(strategies, strategy)) return strategies[strategy]();
  const names = Object.keys(strategies);
  const hint = didYouMean(strategy, names) || ` Known: ${names.join(", ")}.`;
  throw new GodelError("OPTION_UNKNOWN", `unknown strategy "${strategy}".${hint}`);
}
