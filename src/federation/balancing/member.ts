import type { Millis } from "../../lib/clock.ts";
import { inRange, resolveOptions } from "../../lib/options.ts";
import type { BreakerState, CircuitBreaker } from "../circuit-breaker.ts";
import type { Slot, Traits } from "../strategies/pool.ts";
import type { Health } from "./options.ts";
import { OutcomeWindow } from "./outliers.ts";

/** An agent to balance over. */
export interface BalancedAgent extends Traits {
  id: string;
  /** Reservations that it may hold at once. Default 1, from 1 to 100,000. */
  capacity?: number;
  /** Share relative to others, for strategies that know shares. Default 1, from 0.001 to 1,000. */
  weight?: number;
}

/** What may be changed of an agent later. Lower capacity takes nothing back: it waits for releases. */
export type AgentChanges = Partial<Omit<BalancedAgent, "id">>;

/** One agent and all that decides whether it is picked. */
export interface Member {
  id: string;
  slot: Slot;
  spec: Required<Pick<BalancedAgent, "capacity" | "weight">>;
  traits: Traits;
  health: Health;
  breaker: CircuitBreaker;
  outcomes: OutcomeWindow;
  /** Outcomes since the last sweep. */
  fresh: { successes: number; failures: number };
  ejectedUntil: Millis;
  /** Ejections that are not yet forgiven. */
  ejections: number;
  /** When it joined or came back; −Infinity once that no longer matters. */
  rampFrom: Millis;
  /** As of the last refresh: neither suspect nor ejected. */
  isSound: boolean;
  /** False before its first refresh: one that becomes sound then joins, and does not come back. */
  isKnown: boolean;
  /** Removed: what it still held is of no account. */
  isGone: boolean;
}

/** What `describe` tells of an agent. */
export interface AgentView {
  id: string;
  active: number;
  capacity: number;
  /** Slow start included. */
  weight: number;
  health: Health;
  breaker: BreakerState;
  /** Whether a pick may take it now; null where it may, and else the first reason why not. */
  refusal: Refusal | null;
}

/** Why an agent was not picked: named as the counts of `Refusals`. */
export type Refusal = "suspect" | "ejected" | "outlier" | "breaker" | "full";

const defaults = { capacity: 1, weight: 1 };
const traitNames = ["costUsd", "speed", "reliability"] as const;

/** @throws GodelError OPTION_UNKNOWN for a field that agents don't have, OPTION_RANGE. */
export function splitAgent(given: AgentChanges, before: { spec: Member["spec"]; traits: Traits } | null = null) {
  const all = {
    ...defaults,
    costUsd: undefined,
    speed: undefined,
    reliability: undefined,
    ...before?.spec,
    ...before?.traits,
  };
  const { capacity, weight, ...traits } = resolveOptions<AgentChanges>(all, given);
  const spec = { capacity: capacity ?? 1, weight: weight ?? 1 };
  inRange("capacity", spec.capacity, 1, 100_000);
  inRange("weight", spec.weight, 0.001, 1_000);
  for (const name of traitNames) {
    const value = traits[name];
    if (value !== undefined) inRange(name, value, 0, name === "reliability" ? 1 : 1e9);
  }
  return { spec, traits };
}

export function newMember(
  id: string,
  parts: Pick<Member, "slot" | "spec" | "traits" | "breaker" | "rampFrom">,
): Member {
  return {
    id,
    ...parts,
    health: "healthy",
    outcomes: new OutcomeWindow(),
    fresh: { successes: 0, failures: 0 },
    ejectedUntil: Number.NEGATIVE_INFINITY,
    ejections: 0,
    isSound: false,
    isKnown: false,
    isGone: false,
  };
}
