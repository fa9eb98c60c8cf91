/**
 * What keeps crashing waits longer and longer before it is started again.
 *
 * Counted by lineage, the thing that outlives an agent: a team's pool, a task, a host. Three crashes in ten minutes, and no
 * work finished between them, put it in quarantine; each further crash after a quarantine doubles the next. Work that one
 * of the lineage finishes, or a window without crashes, forgets them: a hundred agents of which some die are no loop.
 * Source: the crash-loop back-off of the Kubernetes kubelet and the quarantine of Gas Town's reconciler.
 */
import type { Millis } from "../../lib/clock.ts";
import type { Evidence } from "./evidence.ts";
import type { HealthOptions } from "./options.ts";

export interface Crashes {
  /** Times of the last crashes, at most `crashLimit`. */
  times: Millis[];
  /** Quarantines so far. */
  quarantines: number;
  /** 0: never. */
  until: Millis;
}

export type CrashBook = Record<string, Crashes>;

/** Books a crash in place, and forgets who has not crashed for long; evidence when it starts a quarantine. O(lineages). */
export function lookAtCrash(book: CrashBook, lineage: string, at: Millis, options: HealthOptions): Evidence | null {
  for (const [known, crashes] of Object.entries(book)) if (isForgotten(crashes, at, options)) delete book[known];
  const crashes = book[lineage] ?? { times: [], quarantines: 0, until: 0 };
  book[lineage] = crashes;
  if (at < crashes.until || !exceeds(crashes, at, options)) return null;
  const quarantineMs = Math.min(options.maxQuarantineMs, options.quarantineMs * 2 ** Math.min(crashes.quarantines, 30));
  crashes.until = at + quarantineMs;
  crashes.quarantines++;
  crashes.times = [];
  const detail = `${lineage} crashes again and again; nothing of it should start for ${quarantineMs} ms`;
  return { signal: "crash-loop", detail, figures: { quarantineMs, quarantines: crashes.quarantines } };
}

/** One of the lineage finished its work: what has crashed so far was no loop. A quarantine that has begun takes its time. */
export function lookAtWork(book: CrashBook, lineage: string): void {
  const crashes = book[lineage];
  if (crashes) Object.assign(crashes, { times: [], quarantines: 0 });
}

/** Until when nothing of that lineage should be started; null when it may be. */
export function quarantinedUntil(book: CrashBook, lineage: string, at: Millis): Millis | null {
  const until = book[lineage]?.until ?? 0;
  return until > at ? until : null;
}

function exceeds(crashes: Crashes, at: Millis, { crashLimit, crashWindowMs }: HealthOptions): boolean {
  crashes.times = [...crashes.times.filter((time) => time > at - crashWindowMs), at].slice(-crashLimit);
  return crashes.quarantines > 0 || crashes.times.length >= crashLimit;
}

/** No crash within the window, and none since a quarantine that ended as long ago. */
function isForgotten({ times, until }: Crashes, at: Millis, { crashWindowMs }: HealthOptions): boolean {
  return Math.max(times.at(-1) ?? 0, until) <= at - crashWindowMs;
}
