/** How the tasks of a team flow: how long they wait for an agent, and how long agents are at them. Pure. */
import type { TaskSummary } from "../../../src/api/wire.ts";

export interface Flow {
  /** Tasks that wait for an agent now. */
  queued: number;
  /** How long the one that waits longest has waited, in ms; null where none waits. */
  longestMs: number | null;
  /** How long those waited that were begun last, in ms; null where none was. */
  typicalMs: number | null;
  /** How long those took that were done last, from lease to merge, in ms; null where none is done. */
  workMs: number | null;
}

/** Of so many tasks, the newest, the medians are. */
const maxSample = 200;

/** O(tasks log tasks). `now`: Unix ms. */
export function flowOf(tasks: Iterable<TaskSummary>, now: number): Flow {
  const waits: Span[] = [];
  const works: Span[] = [];
  let queued = 0;
  let longestMs: number | null = null;
  for (const { state, queuedAt, leasedAt, endedAt } of tasks) {
    const since = timeOf(queuedAt);
    const leased = timeOf(leasedAt);
    if (state === "queued") queued++;
    if (state === "queued" && since !== null) longestMs = Math.max(longestMs ?? 0, now - since);
    // Queued again since: what it waited for is not over.
    if (since !== null && leased !== null && leased >= since) waits.push({ at: leased, ms: leased - since });
    const ended = timeOf(endedAt);
    if (state === "done" && leased !== null && ended !== null) works.push({ at: ended, ms: ended - leased });
  }
  return { queued, longestMs, typicalMs: median(waits), workMs: median(works) };
}

interface Span {
  at: number;
  ms: number;
}

function median(spans: Span[]): number | null {
  const newest = spans.toSorted((a, b) => b.at - a.at).slice(0, maxSample);
  const sorted = newest.map(({ ms }) => ms).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}

function timeOf(iso: string | null): number | null {
  return iso === null ? null : Date.parse(iso);
}
