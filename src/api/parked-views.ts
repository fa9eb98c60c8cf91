/** Who waits for a provider, for people. */
import type { State } from "../engine/state.ts";
import { iso } from "../lib/clock.ts";
import type { Parked } from "../model/parked.ts";
import type { TeamStatus } from "./wire.ts";

/** By reason, the largest group first; of each the last that is let go. */
export function parkedGroups(state: State, all: readonly Parked[]): TeamStatus["parked"] {
  const parked = all.filter((each) => isAsking(state, each));
  const groups = new Map<string, Parked[]>();
  for (const each of parked) groups.set(each.why, [...(groups.get(each.why) ?? []), each]);
  const views = [...groups].map(([why, all]) => {
    const times = all.map(({ until }) => until).filter((until) => until !== null);
    return { agents: all.length, why, until: times.length === 0 ? null : iso(Math.max(...times)) };
  });
  return views.sort((a, b) => b.agents - a.agents);
}

/** What a node said of it may be a heartbeat old: an attempt that is past its agent asks nobody any more. */
function isAsking(state: State, { attempt }: Parked): boolean {
  const found = state.attempts.get(attempt)?.state;
  return found === "leased" || found === "running";
}
