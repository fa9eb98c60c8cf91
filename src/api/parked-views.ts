/** Who waits for a provider, for people, and what is asked of them. */
import type { State } from "../engine/state.ts";
import { iso, type Millis } from "../lib/clock.ts";
import type { Parked } from "../model/parked.ts";
import type { TeamStatus } from "./wire.ts";

/** By reason, the largest group first; of each the last that is let go. */
export function parkedGroups(state: State, all: readonly Parked[]): TeamStatus["parked"] {
  const parked = all.filter((each) => isAsking(state, each));
  const views = [...Map.groupBy(parked, ({ why }) => why)].map(([why, group]) => {
    const times = group.map(({ until }) => until).filter((until) => until !== null);
    const until = times.length === 0 ? null : iso(Math.max(...times));
    return { agents: group.length, why, until, asks: group.some((each) => needsAnswer(each, state.at)) };
  });
  return views.sort((a, b) => b.agents - a.agents);
}

/**
 * Whether nobody but a person can do something about its wait: all that could answer is out, and has been for `askAfterMs`,
 * or is known to be for as long.
 */
export function needsAnswer({ isOut, since, until, askAfterMs = 300_000 }: Parked, at: Millis): boolean {
  return isOut === true && ((until ?? at) - at >= askAfterMs || at - (since ?? at) >= askAfterMs);
}

/** What a node said of it may be a heartbeat old: an attempt that is past its agent asks nobody any more. */
export function isAsking(state: State, { attempt }: Parked): boolean {
  const found = state.attempts.get(attempt)?.state;
  return found === "leased" || found === "running";
}
