import type { Millis } from "../lib/clock.ts";
import { type BurnState, budgetRoom, costPerAgentHour, lookAtBurn, newBurn } from "./scaling/burn.ts";
import type { DemandWindow } from "./scaling/demand.ts";
import { explain, totalsOf } from "./scaling/explain.ts";
import type {
  FleetObservation,
  PoolDecision,
  ScaleDecision,
  ScaleInputs,
  ScaleLimit,
  ScaleReason,
} from "./scaling/observation.ts";
import { resolveScaler, type ScalerOptions } from "./scaling/options.ts";
import { drainPools, sizePools, spawnPools } from "./scaling/pools.ts";
import { lookAtSpawns, newSpawns, type SpawnState, spawnRoom, takeSpawns } from "./scaling/spawn-bucket.ts";

/** Everything that the scaler remembers, as JSON can hold it. */
export interface ScalerState {
  spawns: SpawnState;
  burn: BurnState;
  pools: Record<string, DemandWindow>;
}

/**
 * Says how many agents there should be: busy + runnable per skill pool, between a minimum and a maximum.
 *
 * It follows demand, since utilisation says nothing of a queue: in the simulation of `scaling/simulation.test.ts` that is
 * a quarter of the wait (p95) for little over half of the agent-hours of thresholds, at five times their spawns. Agents that start count as supply; idle ones
 * leave after the idle TTL, busy ones never; a token bucket, failing spawns, the hosts' room and the hourly budget hold
 * growth back, and whatever did is the reason given. The budget goes before the minimum.
 *
 * Deterministic: the same options, state, observation and time give the same decision. It starts and stops nothing.
 * Source: GitHub's runner scale sets (`min + assigned`), made safe with what Knative, Kubernetes and KEDA learnt.
 */
export class AutoScaler {
  readonly options: Readonly<ScalerOptions>;
  #state: ScalerState | null;

  /** @throws GodelError OPTION_UNKNOWN, OPTION_RANGE. */
  constructor(options: Partial<ScalerOptions> = {}, state: ScalerState | null = null) {
    this.options = resolveScaler(options);
    this.#state = state;
  }

  /** For a snapshot; null before the first decision. Give it to the constructor to go on from there. */
  get state(): ScalerState | null {
    return this.#state;
  }

  /** What to do at `at`, which must not go back. The caller carries it out before it asks again. */
  decide(observation: FleetObservation, at: Millis): ScaleDecision {
    const { decision, state } = decideScale(observation, { at, options: this.options, state: this.#state });
    this.#state = state;
    return decision;
  }

  /** The decision in a sentence, with its figures. */
  explain(decision: ScaleDecision): string {
    return explain(decision);
  }
}

export interface ScaleContext {
  at: Millis;
  options: ScalerOptions;
  /** null before the first decision. */
  state: ScalerState | null;
}

/** `AutoScaler.decide` without an identity: what to do, and the state to pass in next. O(pools). */
export function decideScale(
  observation: FleetObservation,
  context: ScaleContext,
): { decision: ScaleDecision; state: ScalerState } {
  const { at, options } = context;
  const state = look(observation, context);
  const room = roomFor(observation, state, context);
  const sized = sizePools(observation.pools, state.pools, { at, options });
  const asked = sized.reduce((sum, { spawn }) => sum + spawn, 0);
  const { allowed, limitedBy } = narrowest(room, asked);
  const placesShort = limitedBy === "max-agents" ? asked - allowed : 0;
  const pools = drainPools(spawnPools(sized, allowed), { overBudget: -room.budget, placesShort, options });
  const inputs = inputsOf(observation, { burn: state.burn, room, options });
  const decision = { at, ...sumsOf(observation, pools, limitedBy), limitedBy, pools, inputs };
  const spawns = takeSpawns(state.spawns, decision.spawn, at, options);
  const windows = Object.fromEntries(sized.map(({ pool, window }) => [pool.pool, window]));
  return { decision, state: { ...state, spawns, pools: windows } };
}

/** The state with what was observed since the last decision. */
function look({ pools, money, spawns }: FleetObservation, { at, options, state }: ScaleContext): ScalerState {
  const busy = pools.reduce((sum, pool) => sum + pool.busy, 0);
  const spentUsd = money?.spentUsd ?? 0;
  const burn = state?.burn ?? newBurn(spentUsd, busy, at, options);
  const before = state?.spawns ?? newSpawns(options, at);
  return {
    spawns: lookAtSpawns(before, spawns ?? { succeeded: 0, failed: 0 }, { at, options }),
    burn: lookAtBurn(burn, { spentUsd, busy }, { at, options }),
    pools: state?.pools ?? {},
  };
}

type Room = Record<ScaleLimit, number>;

/** Agents that each limit lets start now; below 0 where there are too many already. */
function roomFor(observation: FleetObservation, state: ScalerState, { at, options }: ScaleContext): Room {
  const totals = totalsOf(observation);
  const { rate, failures } = spawnRoom(state.spawns, at, options);
  const reservedUsd = observation.money?.reservedUsd ?? 0;
  return {
    "max-agents": options.maxAgents - totals.busy - totals.idle - totals.starting - totals.draining,
    budget: budgetRoom(state.burn, totals, { reservedUsd, options }),
    host: observation.hostRoom ?? Number.POSITIVE_INFINITY,
    "spawn-failures": failures ?? Number.POSITIVE_INFINITY,
    "spawn-rate": rate,
  };
}

/** How many of `asked` may start, and the limit that says so. */
function narrowest(room: Room, asked: number): { allowed: number; limitedBy: ScaleLimit | null } {
  let allowed = asked;
  let limitedBy: ScaleLimit | null = null;
  for (const limit of Object.keys(room) as ScaleLimit[]) {
    if (room[limit] < allowed) [allowed, limitedBy] = [room[limit], limit];
  }
  return { allowed: Math.max(0, Math.floor(allowed)), limitedBy };
}

function sumsOf(observation: FleetObservation, pools: readonly PoolDecision[], limitedBy: ScaleLimit | null) {
  const sum = (of: (pool: PoolDecision) => number) => pools.reduce((total, pool) => total + of(pool), 0);
  const [wanted, spawn, drain] = [sum((pool) => pool.wanted), sum((pool) => pool.spawn), sum((pool) => pool.drain)];
  const { busy, idle, starting } = totalsOf(observation);
  const desired = busy + idle + starting + spawn - drain;
  return { desired, wanted, spawn, drain, reason: mainReason(pools, spawn, limitedBy) };
}

function inputsOf(
  observation: FleetObservation,
  { burn, room, options }: { burn: BurnState; room: Room; options: ScalerOptions },
): ScaleInputs {
  return {
    ...totalsOf(observation),
    burnUsdPerHour: burn.usdPerHour,
    costPerAgentHourUsd: costPerAgentHour(burn, options),
    reservedUsd: observation.money?.reservedUsd ?? 0,
    room: shownRoom(room),
  };
}

/** That of the pool that changes most; the limit where one lets nothing start. */
function mainReason(pools: readonly PoolDecision[], spawn: number, limitedBy: ScaleLimit | null): ScaleReason {
  const size = ({ spawn, drain }: PoolDecision) => spawn * 1e6 + drain;
  const main = pools.toSorted((a, b) => size(b) - size(a))[0];
  if (main === undefined) return "steady";
  if (spawn === 0 && limitedBy !== null && main.drain === 0) return limitedBy;
  if (size(main) > 0) return main.reason;
  const waits = pools.find(({ reason }) => reason === "within-threshold" || reason === "soon-free");
  return waits?.reason ?? "steady";
}

function shownRoom(room: Room): Record<ScaleLimit, number | null> {
  const shown = Object.entries(room).map(([limit, count]) => [limit, Number.isFinite(count) ? count : null]);
  return Object.fromEntries(shown);
}
