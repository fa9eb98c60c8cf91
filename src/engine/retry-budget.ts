/**
 * How fast attempts may be repeated that failed by no fault of their task: so that an outage of a provider, or a disk that
 * fails, does not multiply the work that it stops. A token bucket each for a team and for the fleet, kept as the time at
 * which it is full again (GCRA, ITU-T I.371); successes pay for retries, as in the retry budgets of Finagle.
 */
import type { Millis } from "../lib/clock.ts";
import type { Node } from "../model/node-record.ts";
import type { Failure, Team } from "../model/records.ts";
import type { State } from "./state.ts";

export interface Pace {
  /** Retries at once. */
  burst: number;
  /** One more in this time, in ms. */
  everyMs: Millis;
}

export const teamPace: Pace = { burst: 20, everyMs: 5_000 };
export const fleetPace: Pace = { burst: 100, everyMs: 1_000 };

/** Deaths of hosts on a node: past them, agents are not replaced at once any more, whatever kills them. */
export const hostPace: Pace = { burst: 10, everyMs: 10_000 };

/** No retry waits longer for its turn, in ms: an outage is over some time, and nobody tells. */
const longestWaitMs = 5 * 60_000;
/** Each attempt that its agent finished pays for so many retries: after an outage they are soon back. */
const perSuccess = 5;

/** Whether a failure says nothing of the task, so that all others would fail the same way now. */
export function isOutage({ reason }: Failure): boolean {
  return reason === "provider" || reason === "workspace" || reason === "disk-full";
}

/** Whether it counts among the few failures that a task may have: a full disk is nothing that a task could do better next time. */
export function countsForTask({ reason }: Failure): boolean {
  return reason !== "disk-full";
}

/** When one more retry is within the pace, at the earliest. */
export function turnAt(fullAt: Millis | undefined, at: Millis, { burst, everyMs }: Pace): Millis {
  return Math.min(Math.max(at, (fullAt ?? 0) - (burst - 1) * everyMs), at + longestWaitMs);
}

export function payForRetry(state: State, team: Team, at: Millis): void {
  team.retriesFullAt = spend(team.retriesFullAt, at, teamPace);
  state.retriesFullAt = spend(state.retriesFullAt, at, fleetPace);
}

export function countHostDeath(node: Node, at: Millis): void {
  node.hostsFullAt = spend(node.hostsFullAt, at, hostPace);
}

/** When a node starts agents again; at once, unless too many hosts died. */
export function startsAgentsAt({ hostsFullAt }: Node, at: Millis): Millis {
  // The last of the burst has died already: whether its agents may start is asked now.
  return turnAt(hostsFullAt, at, { ...hostPace, burst: hostPace.burst + 1 });
}

/** What an agent finished shows that the outage is over, if there was one. */
export function earnRetries(state: State, team: Team): void {
  if (team.retriesFullAt !== undefined) team.retriesFullAt = earn(team.retriesFullAt, teamPace);
  state.retriesFullAt = earn(state.retriesFullAt, fleetPace);
}

function spend(fullAt: Millis | undefined, at: Millis, { everyMs }: Pace): Millis {
  return Math.max(at, fullAt ?? 0) + everyMs;
}

function earn(fullAt: Millis, { everyMs }: Pace): Millis {
  return Math.max(0, fullAt - perSuccess * everyMs);
}
