import { costScale, logScale } from "../scales.ts";
import type { Slot } from "../strategies/pool.ts";
import type { Members } from "./members.ts";
import type { Shares, Wanted } from "./request.ts";

/** What each term is worth, from 0 to 1. */
export type Terms = Shares;

/** How much of skill fit is the level, and how much that few other skills would lie idle. */
const levelShare = 0.7;

/** How good an agent is at what is wanted, and how few other skills of it would lie idle meanwhile. */
export function skillFit(members: Members, slot: Slot, { skills }: Wanted): number {
  const levels = members.levels[slot];
  if (!levels) return 0;
  let sum = 0;
  for (const { skill } of skills) sum += levels.get(skill) ?? 0;
  const level = skills.length === 0 ? 1 : sum / skills.length;
  return levelShare * level + ((1 - levelShare) * (skills.length + 1)) / (levels.size + 1);
}

export function costWorth(members: Members, slot: Slot, { work }: Wanted): number {
  const usd = members.unitUsd[slot] ?? Number.NaN;
  return logScale(Number.isNaN(usd) ? undefined : usd * work, costScale);
}

/** The weighted sum of what depends neither on the single request nor on the load. */
export function steadyScore(members: Members, slot: Slot, wanted: Wanted, shares: Shares): number {
  return (
    shares.skill * skillFit(members, slot, wanted) +
    shares.cost * costWorth(members, slot, wanted) +
    shares.speed * (members.speed[slot] ?? 0) +
    shares.reliability * (members.reliability[slot] ?? 0)
  );
}

/** The same by term, with what the single request adds. */
export function termsOf(members: Members, slot: Slot, wanted: Wanted, extra: Pick<Terms, "session" | "files">): Terms {
  return {
    skill: skillFit(members, slot, wanted),
    load: members.room[slot] ?? 0,
    cost: costWorth(members, slot, wanted),
    speed: members.speed[slot] ?? 0,
    reliability: members.reliability[slot] ?? 0,
    session: extra.session,
    files: extra.files,
  };
}
