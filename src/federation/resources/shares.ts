/**
 * How many places each team is due, where all together want more than there are.
 *
 * First one for each, by priority and then by weight, so that nobody is left with nothing while there is one for each. The rest
 * goes to those of the highest priority that still want some, among them by weight: filled up evenly for each part of weight
 * until it has what it wants (weighted max-min fairness), what nobody wants going to the others.
 * Source: Bertsekas and Gallager, "Data Networks", 1992, section 6.5; the guarantee against starvation is our own.
 */
import type { TeamId } from "../../model/records.ts";
import type { Share } from "../../model/share.ts";

/** What a team asks for. In the order of their age, which breaks ties. */
export interface Claim extends Share {
  team: TeamId;
  /** Places that it has a use for now: a whole number. */
  wants: number;
}

/**
 * Places by team, none of them more than it wants, all together `places` or all that is wanted if that is less. Pure.
 * O(teams) where all are content, else 64 looks at each of them.
 */
export function shareOut(places: number, claims: readonly Claim[]): Map<TeamId, number> {
  const wanted = claims.reduce((sum, { wants }) => sum + wants, 0);
  if (wanted <= places) return new Map(claims.map(({ team, wants }) => [team, wants]));
  const ranked = claims.map((claim, age) => ({ ...claim, age, has: 0 })).sort(byRank);
  let left = Math.max(0, Math.floor(places));
  for (const claim of ranked) {
    if (left === 0 || claim.wants < 1) continue;
    claim.has = 1;
    left -= 1;
  }
  for (const level of Map.groupBy(ranked, ({ priority }) => priority).values()) left = fill(level, left);
  ranked.sort((a, b) => a.age - b.age);
  return new Map(ranked.map(({ team, has }) => [team, has]));
}

interface Filled extends Claim {
  age: number;
  has: number;
}

function byRank(a: Filled, b: Filled): number {
  return b.priority - a.priority || b.weight - a.weight || a.age - b.age;
}

/** Fills up those of one priority, in whole places; what is left over. */
function fill(claims: readonly Filled[], places: number): number {
  const inHand = claims.reduce((sum, { has }) => sum + has, places);
  const level = levelOf(claims, inHand);
  const due = new Map(claims.map((claim) => [claim, dueAt(level, claim)]));
  const lacks = (claim: Filled) => (due.get(claim) ?? 0) - claim.has;
  for (const claim of claims) claim.has = Math.floor(due.get(claim) ?? 0);
  let left = inHand - claims.reduce((sum, { has }) => sum + has, 0);
  // Fewer than there are teams: one by one, to who lacks the most of what is due.
  const open = claims.filter(({ has, wants }) => has < wants).sort((a, b) => lacks(b) - lacks(a) || a.age - b.age);
  for (const claim of open) {
    if (left <= 0) break;
    claim.has += 1;
    left -= 1;
  }
  return left;
}

/** What one is due at a level, in places for each part of weight. What it was given as the least, it keeps. */
function dueAt(level: number, { has, wants, weight }: Filled): number {
  return Math.min(wants, Math.max(has, weight * level));
}

/** The highest level at which all together are due no more than `places`, to the last bits. */
function levelOf(claims: readonly Filled[], places: number): number {
  const used = (level: number) => claims.reduce((sum, claim) => sum + dueAt(level, claim), 0);
  let low = 0;
  let high = Math.max(...claims.map(({ wants, weight }) => (wants + 1) / weight));
  if (used(high) <= places) return high;
  for (let i = 0; i < 64; i++) {
    const middle = (low + high) / 2;
    if (used(middle) <= places) low = middle;
    else high = middle;
  }
  return low;
}
