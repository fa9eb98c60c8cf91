/** What people ask of the engine in a run, and when. */
import { Dice } from "./dice.ts";

/** Those that any run may hold. */
const often = [
  "scale",
  "pause-team",
  "kill-team",
  "pause-agent",
  "resume-agent",
  "kill-agent",
  "cancel-task",
  "retry-task",
] as const;
export const wishKinds = [...often, "reassign-task"] as const;
export type WishKind = (typeof wishKinds)[number];

export interface Happening {
  atMs: number;
  /** From 0 to 1: which thing it befalls, or how long it lasts. */
  roll: number;
}

/** Something that a person asks of the engine. */
export type Wish = Happening & { kind: WishKind };

export function wishesOf(seed: number, dice: Dice, stormMs: number): Wish[] {
  const wishes = Array.from({ length: dice.whole(0, 8) }, (): Wish => {
    return { kind: dice.pick(often), atMs: dice.between(0, stormMs), roll: dice.next() };
  });
  return [...wishes, ...secondThoughts(seed, wishes, stormMs), ...handovers(seed, stormMs)];
}

/** Who cancelled a task may want it after all, when the rest of the team may be done. */
function secondThoughts(seed: number, wishes: readonly Wish[], stormMs: number): Wish[] {
  const dice = new Dice(seed, "second thoughts");
  const cancelled = wishes.filter(({ kind }) => kind === "cancel-task");
  return cancelled.map(({ roll }) => ({ kind: "retry-task", atMs: stormMs + dice.between(0, 100_000), roll }));
}

/** In one fleet of three a person takes tasks from their agents. */
function handovers(seed: number, stormMs: number): Wish[] {
  const dice = new Dice(seed, "handovers");
  const count = dice.chance(0.33) ? dice.whole(1, 6) : 0;
  return Array.from({ length: count }, () => {
    return { kind: "reassign-task", atMs: dice.between(0, stormMs), roll: dice.next() };
  });
}
