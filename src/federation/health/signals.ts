/**
 * The three signals of one agent, each with a level of its own.
 *
 *   well → suspect      silence passed the first limit
 *   suspect → unhealthy silence passed the second; deadline: well → unhealthy
 *   suspect, unhealthy → well   a heartbeat, a sign of progress, new work
 *   any → gone          its process ended; nothing brings it back
 *
 * They are kept apart because one does not stand for another: a heartbeat goes on while a model call hangs, and an ssh
 * that waited for 97 minutes (multica #5682) was on a live host all the while.
 */
import type { Millis } from "../../lib/clock.ts";
import type { Evidence, Signal } from "./evidence.ts";
import type { HealthOptions } from "./options.ts";
import { type Beats, normalQuantile, phi, silenceFor } from "./phi.ts";

export type Level = "well" | "suspect" | "unhealthy";

export interface Work {
  progressAt: Millis;
  /** When the tool call that runs was started; null between calls. */
  toolSince: Millis | null;
  deadlineAt: Millis | null;
}

export interface Signs {
  /** null: it sends none; only its end is noticed. */
  beats: Beats | null;
  /** null: it has no work, so nothing is expected of it but to live. */
  work: Work | null;
  levels: Record<Signal, Level>;
  gone: boolean;
}

/** The options, and the quantiles of the two levels of phi. */
export interface Limits {
  options: HealthOptions;
  suspectZ: number;
  unhealthyZ: number;
}

export interface Verdict {
  signal: Signal;
  level: Exclude<Level, "well">;
  evidence: Evidence;
}

const never = Number.POSITIVE_INFINITY;
const signals = ["alive", "progress", "deadline"] as const;

export function limitsFor(options: HealthOptions): Limits {
  const { suspectPhi, unhealthyPhi } = options;
  return { options, suspectZ: normalQuantile(suspectPhi), unhealthyZ: normalQuantile(unhealthyPhi) };
}

/** Silence until `at` proves nothing, in place. */
export function excuse({ beats, work }: Signs, at: Millis): void {
  if (beats) beats.lastAt = Math.max(beats.lastAt, at);
  if (work) work.progressAt = Math.max(work.progressAt, at);
}

export function newSigns(beats: Beats | null): Signs {
  return { beats, work: null, levels: { alive: "well", progress: "well", deadline: "well" }, gone: false };
}

/** When the next verdict can fall; Infinity when none can. */
export function dueAt(signs: Signs, limits: Limits): Millis {
  if (signs.gone) return never;
  let due = never;
  for (const signal of signals) {
    const level = signs.levels[signal];
    if (level !== "unhealthy")
      due = Math.min(due, limitOf(signs, signal, level === "well" ? "suspect" : "unhealthy", limits));
  }
  return due;
}

/** When it is late with its heartbeat. */
export function lateAt(signs: Signs, limits: Limits): Millis {
  return signs.gone ? never : limitOf(signs, "alive", "suspect", limits);
}

/** Raises the levels that have come due at `at`, in place, and says which. */
export function judge(signs: Signs, at: Millis, limits: Limits): Verdict[] {
  const verdicts: Verdict[] = [];
  for (const signal of signals) {
    const isPast = (level: "suspect" | "unhealthy") => at >= limitOf(signs, signal, level, limits);
    const level: Level = isPast("unhealthy") ? "unhealthy" : isPast("suspect") ? "suspect" : "well";
    if (level === "well" || level === signs.levels[signal] || signs.levels[signal] === "unhealthy") continue;
    signs.levels[signal] = level;
    verdicts.push({ signal, level, evidence: evidenceOf(signs, signal, at, limits) });
  }
  return verdicts;
}

/** When the signal makes it suspect, or unhealthy. Asked for at each heartbeat of each agent. */
function limitOf({ beats, work }: Signs, signal: Signal, level: "suspect" | "unhealthy", limits: Limits): Millis {
  const { options, suspectZ, unhealthyZ } = limits;
  const isSuspect = level === "suspect";
  if (signal === "alive")
    return beats === null ? never : beats.lastAt + silenceFor(beats, isSuspect ? suspectZ : unhealthyZ, options);
  if (work === null) return never;
  if (signal === "deadline") return work.deadlineAt ?? never;
  if (work.toolSince !== null) return work.toolSince + (isSuspect ? options.toolMs / 2 : options.toolMs);
  return work.progressAt + (isSuspect ? options.stallSuspectMs : options.stallMs);
}

function evidenceOf({ beats, work }: Signs, signal: Signal, at: Millis, { options }: Limits): Evidence {
  if (signal === "alive" && beats) {
    const silenceMs = Math.round(at - beats.lastAt);
    const level = phi(beats, silenceMs, options);
    const detail = `no heartbeat for ${silenceMs} ms; it sent one each ${Math.round(beats.mean)} ms`;
    return { signal, detail, figures: { silenceMs, phi: level, meanGapMs: beats.mean } };
  }
  if (signal === "deadline") {
    const lateMs = Math.round(at - (work?.deadlineAt ?? at));
    return { signal, detail: `its deadline passed ${lateMs} ms ago`, figures: { lateMs } };
  }
  const since = work?.toolSince ?? work?.progressAt ?? at;
  const what = work?.toolSince === null ? "no token and no tool event" : "one tool call has run";
  const stallMs = Math.round(at - since);
  return { signal, detail: `${what} for ${stallMs} ms`, figures: { stallMs } };
}
