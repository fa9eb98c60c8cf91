/**
 * Which node may spend how much of a budget. A budget is given out to nodes as allowances, in all never more than it is;
 * each node's gateway keeps within its own, so no request waits for the engine, and several nodes share one budget.
 *
 *   granted → recalled   another node has nothing left: this one is asked for half of what it has not spent
 *           → granted    it has given that back: its allowance is smaller, the next grant of the other is larger
 *
 * A node that is lost keeps its allowance: nobody knows what it has spent of it, so it counts as gone until the node's
 * ledger is heard again.
 */
import { assert } from "../lib/assert.ts";
import {
  type Allowance,
  addMoney,
  type Limit,
  leftOf,
  lessMoney,
  type Money,
  moneyOf,
  noLimit,
  noMoney,
} from "../model/budget.ts";
import type { Event } from "../model/events.ts";
import type { Node } from "../model/node-record.ts";
import type { NodeId, Team, TeamId } from "../model/records.ts";
import type { Context } from "./options.ts";
import type { State } from "./state.ts";

/** A budget that nodes share: that of a team, or of all teams in an hour, or ever. */
interface Shared {
  scope: TeamId | "hour" | "fleet";
  limit: Limit;
  /** What the engine knows a node to have spent of it for good. */
  spentOn(node: Node): Money;
}

/** Grants and recalls that the budgets of all teams together ask for. O(nodes). */
export function shareFleet(state: State, context: Context): Event[] {
  const { hourUsd, hourTokens, totalUsd, totalTokens } = context.options.policies.budget;
  const spentOn = () => noMoney;
  return [
    ...share(state, { scope: "hour", limit: limitOf(hourUsd, hourTokens), spentOn }, context),
    ...share(state, { scope: "fleet", limit: limitOf(totalUsd, totalTokens), spentOn }, context),
  ];
}

/** The same for the budget of one team. O(nodes), and O(attempts of the team) while a node has nothing left. */
export function shareTeam(state: State, team: Team, context: Context): Event[] {
  return share(
    state,
    { scope: team.id, limit: budgetOf(team), spentOn: (node) => spentOn(state, team, node.id) },
    context,
  );
}

export function budgetOf({ budgetUsd, budgetTokens = null }: Team): Limit {
  return { usd: budgetUsd, tokens: budgetTokens };
}

/** An option without a limit is infinite, which JSON does not know. */
export function limitOf(usd: number, tokens: number): Limit {
  const known = (value: number) => (Number.isFinite(value) ? value : null);
  return { usd: known(usd), tokens: known(tokens) };
}

function share(state: State, shared: Shared, context: Context): Event[] {
  const { scope, limit } = shared;
  const nodes = [...state.nodes.values()];
  const holders = nodes.filter((node) => node.allowances?.[scope]);
  if (limit.usd === null && limit.tokens === null && holders.length === 0) return [];
  const held = holders.map((node) => granted(node, scope)).reduce(addMoney, noMoney);
  // One node has all, also when the budget was changed; of several each has what it was last given.
  const alone = nodes.length === 1 ? holders[0] : undefined;
  if (alone) return sameLimit(alone.allowances?.[scope], limit) ? [] : [grant(alone, scope, limit, context)];
  const lacking = nodes.filter((node) => node.state === "up" && !node.allowances?.[scope]);
  const free = leftOf(limit, held);
  const part = (amount: number) => Math.max(0, amount) / Math.max(1, lacking.length);
  const each = {
    usd: limit.usd === null ? null : part(free.usd),
    tokens: limit.tokens === null ? null : Math.floor(part(free.tokens)),
  };
  if (lacking.length > 0) return lacking.map((node) => grant(node, scope, each, context));
  return rebalance(holders, shared, free, context);
}

/** One that has nothing left gets what is free; where nothing is, the one that has most left is asked for half of it. */
function rebalance(holders: Node[], shared: Shared, free: Money, context: Context): Event[] {
  const { scope, limit } = shared;
  const up = holders.filter(({ state }) => state === "up");
  if (up.length < 2) return [];
  const parts = up.map((node) => ({ node, part: partLeft(node, shared) })).toSorted((a, b) => a.part - b.part);
  const [poorest, richest] = [parts[0], parts.at(-1)];
  if (!poorest || !richest || poorest.part > poor) return [];
  const { node } = poorest;
  const has = granted(node, scope);
  if (isSome(free, limit)) {
    const more = addMoney(has, { usd: Math.max(0, free.usd), tokens: Math.max(0, free.tokens) });
    return [
      grant(
        node,
        scope,
        { usd: limit.usd === null ? null : more.usd, tokens: limit.tokens === null ? null : more.tokens },
        context,
      ),
    ];
  }
  const asked = richest.node.allowances?.[scope];
  if (!asked || asked.recalled || richest.part < rich) return [];
  return [{ type: "allowanceRecalled", at: context.at, node: richest.node.id, scope, version: asked.version }];
}

/** Of an allowance: below the first a node has too little left, above the second it can give. */
const poor = 0.1;
const rich = 0.3;
/** Of a budget: less than this is not worth a grant. */
const worthwhile = 0.01;

function isSome(free: Money, { usd, tokens }: Limit): boolean {
  return (usd === null || free.usd > usd * worthwhile) && (tokens === null || free.tokens > tokens * worthwhile);
}

function partLeft(node: Node, { scope, limit, spentOn }: Shared): number {
  const has = granted(node, scope);
  const left = lessMoney(has, spentOn(node));
  const usd = limit.usd === null ? 1 : left.usd / (limit.usd || 1);
  return Math.min(usd, limit.tokens === null ? 1 : left.tokens / (limit.tokens || 1));
}

function grant(node: Node, scope: string, limit: Limit, { at }: Context): Event {
  const version = (node.allowances?.[scope]?.version ?? 0) + 1;
  return { type: "allowanceGranted", at, node: node.id, scope, ...limit, version };
}

/** What a node gave back of an allowance, where it is still that one. */
export function takeBack(state: State, node: NodeId, back: Allowance & { scope: string }, { at }: Context): Event[] {
  const { scope, usd, tokens, version } = back;
  const known = state.nodes.get(node)?.allowances?.[scope];
  if (known?.version !== version) return [];
  const lower = (to: number | null, from: number | null) => (from === null ? null : Math.min(from, to ?? from));
  const limit = { usd: lower(usd, known.usd), tokens: lower(tokens, known.tokens) };
  return [{ type: "allowanceGranted", at, node, scope, ...limit, version: version + 1 }];
}

/** What a node may spend of a team's budget: nothing before it was granted some of it. */
export function allowanceOf(state: State, team: Team, id: NodeId): Allowance {
  const limit = budgetOf(team);
  if (limit.usd === null && limit.tokens === null) return { ...noLimit, version: 0 };
  const known = state.nodes.get(id)?.allowances?.[team.id];
  return known ?? { usd: limit.usd === null ? null : 0, tokens: limit.tokens === null ? null : 0, version: 0 };
}

/** What the engine knows a node to have spent of a team's budget. What no attempt spent may have been on any node. */
export function spentOn(state: State, team: Team, id: NodeId): Money {
  if (state.nodes.size <= 1) return moneyOf(team.usage);
  let elsewhere = noMoney;
  for (const attempt of state.attempts.values()) {
    if (attempt.team === team.id && attempt.node !== id) elsewhere = addMoney(elsewhere, moneyOf(attempt.usage));
  }
  return lessMoney(moneyOf(team.usage), elsewhere);
}

/** What lost nodes still hold of a team's budget, in USD: it may be spent. */
export function heldByLost(state: State, team: Team): number {
  const lost = [...state.nodes.values()].filter((node) => node.state === "lost" && node.allowances?.[team.id]);
  return lost.reduce(
    (sum, node) => sum + Math.max(0, granted(node, team.id).usd - spentOn(state, team, node.id).usd),
    0,
  );
}

/** No budget is given out twice. */
export function checkAllowances(state: State, team: Team): void {
  const limit = budgetOf(team);
  const held = [...state.nodes.values()].map((node) => granted(node, team.id)).reduce(addMoney, noMoney);
  assert(
    held.usd <= (limit.usd ?? Infinity) * (1 + 1e-9),
    `team ${team.id}: ${held.usd} of ${limit.usd} USD are given out`,
  );
  assert(
    held.tokens <= (limit.tokens ?? Infinity),
    `team ${team.id}: ${held.tokens} of ${limit.tokens} tokens are given out`,
  );
}

function granted(node: Node, scope: string): Money {
  const { usd, tokens } = node.allowances?.[scope] ?? { usd: 0, tokens: 0 };
  return { usd: usd ?? 0, tokens: tokens ?? 0 };
}

function sameLimit(a: Limit | undefined, b: Limit): boolean {
  return a?.usd === b.usd && a?.tokens === b.tokens;
}
