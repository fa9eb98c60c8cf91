/** Schemas of what the API answers about teams and money. */
import { type TaskState, type TeamState, taskMoves, teamMoves } from "../../model/states.ts";
import { type Cost, type CostReport, costSplits, type TierView, type Tokens } from "../cost-wire.ts";
import type { AcceptedTeam, TeamStatus, TeamSummary } from "../wire.ts";
import { count, number, object, of, oneOf, orNull, text, texts, time } from "./schema.ts";
import { Type } from "./type.ts";

export const taskStates = Object.keys(taskMoves) as TaskState[];
export const teamStates = Object.keys(teamMoves) as TeamState[];

export const tokens = of<Tokens>()(object({ input: count, output: count, cacheRead: count, cacheWrite: count }));

const cost = of<Cost>()(
  object({
    spentUsd: number,
    reservedUsd: number,
    budgetUsd: orNull(number),
    budgetTokens: orNull(number),
    perTaskUsd: orNull(number),
    burnUsdPerHour: number,
    forecastUsd: orNull(number),
    tokens,
  }),
);

const tier = of<TierView>()(
  object({
    name: text,
    model: text,
    costUsd: number,
    chances: Type.Array(object({ skill: text, retried: Type.Boolean(), chance: number, outcomes: number })),
  }),
);

export const teamSummary = of<TeamSummary>()(
  object({
    id: text,
    name: text,
    state: oneOf(teamStates),
    goal: text,
    repo: text,
    branch: text,
    createdAt: time,
    endedAt: orNull(time),
    agents: count,
    tasks: object({ total: count, done: count, failed: count }),
    spentUsd: number,
    budgetUsd: orNull(number),
  }),
);

const taskCounts = object({
  total: count,
  blocked: count,
  queued: count,
  running: count,
  verifying: count,
  merging: count,
  done: count,
  failed: count,
  cancelled: count,
  skipped: count,
});

const agentCounts = object({
  desired: count,
  min: count,
  max: count,
  total: count,
  starting: count,
  idle: count,
  busy: count,
  paused: count,
  draining: count,
  suspect: count,
  lost: count,
  failed: count,
});

const status = {
  team: object({
    id: text,
    name: text,
    state: oneOf(teamStates),
    reason: text,
    goal: text,
    repo: text,
    branch: text,
    model: text,
    runtime: text,
    createdAt: time,
    endedAt: orNull(time),
  }),
  alerts: texts,
  tiers: Type.Array(tier),
  agents: agentCounts,
  parked: Type.Array(object({ agents: count, why: text, until: orNull(time), asks: Type.Boolean() })),
  share: object({ weight: number, priority: number, agents: orNull(number) }),
  scaling: orNull(object({ at: time, why: text, reason: text, limitedBy: orNull(text) })),
  tasks: taskCounts,
  cost,
  timing: object({
    allReadyMs: orNull(number),
    expectedMs: orNull(object({ low: number, high: number })),
    elapsedMs: number,
  }),
};

export const teamStatus = of<TeamStatus>()(object(status));
export const acceptedTeam = of<AcceptedTeam>()(object({ ...status, seq: text }));

export const costReport = of<CostReport>()(
  object({
    by: oneOf(costSplits),
    items: Type.Array(object({ key: text, requests: count, costUsd: number, tokens })),
    total: object({ requests: count, costUsd: number, tokens }),
  }),
);
