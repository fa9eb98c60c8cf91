/**
 * How many agents may be started now: a token bucket, and one at a time while too many fail.
 *
 * A fleet that starts at once what it lacks freezes its host (142 agents in 20 minutes, claude-code #73438), and one
 * that starts again what failed does so for ever.
 */
import type { Millis } from "../../lib/clock.ts";
import type { ScalerOptions } from "./options.ts";

export interface SpawnState {
  tokens: number;
  refilledAt: Millis;
  /** Totals at the last look. */
  succeeded: number;
  failed: number;
  /** Smoothed share of spawns that failed. */
  failing: number;
  /** Failures in a row that doubled the pause. */
  backoffs: number;
  /** While failing: no try before. */
  holdUntil: Millis;
}

/** How much one outcome moves the share: three failures in a row from nothing pass 0.2. */
const perOutcome = 0.1;

export function newSpawns({ spawnBurst }: ScalerOptions, at: Millis): SpawnState {
  return { tokens: spawnBurst, refilledAt: at, succeeded: 0, failed: 0, failing: 0, backoffs: 0, holdUntil: 0 };
}

/** Refills the bucket and books the outcomes since the last look. Totals that fell (a restart) count as nothing new. */
export function lookAtSpawns(
  state: SpawnState,
  totals: { succeeded: number; failed: number },
  { at, options }: { at: Millis; options: ScalerOptions },
): SpawnState {
  const refill = (Math.max(0, at - state.refilledAt) / 1_000) * options.spawnsPerSecond;
  const tokens = Math.min(options.spawnBurst, state.tokens + refill);
  const looked = { ...state, ...totals, tokens, refilledAt: Math.max(at, state.refilledAt) };
  const failed = Math.max(0, totals.failed - state.failed);
  const outcomes = failed + Math.max(0, totals.succeeded - state.succeeded);
  if (outcomes === 0) return looked;
  const share = failed / outcomes;
  const failing = share + (state.failing - share) * (1 - perOutcome) ** outcomes;
  if (failing <= options.maxSpawnFailures) return { ...looked, failing, backoffs: 0, holdUntil: 0 };
  if (failed === 0) return { ...looked, failing, backoffs: Math.max(0, state.backoffs - 1), holdUntil: 0 };
  const pause = Math.min(options.maxBackoffMs, options.backoffMs * 2 ** Math.min(state.backoffs, 30));
  return { ...looked, failing, backoffs: state.backoffs + 1, holdUntil: at + pause };
}

/** Agents that may be started at `at`: by rate, and by failures (null: they do not limit). */
export function spawnRoom(state: SpawnState, at: Millis, { maxSpawnFailures }: ScalerOptions) {
  const failing = state.failing > maxSpawnFailures;
  return { rate: Math.floor(state.tokens + 1e-9), failures: failing ? (at >= state.holdUntil ? 1 : 0) : null };
}

export function takeSpawns(state: SpawnState, count: number, at: Millis, options: ScalerOptions): SpawnState {
  const tokens = Math.max(0, state.tokens - count);
  if (count === 0 || state.failing <= options.maxSpawnFailures) return { ...state, tokens };
  // The next try waits for the outcome of this one, and where none comes, as long again.
  return { ...state, tokens, holdUntil: at + Math.min(options.maxBackoffMs, options.backoffMs * 2 ** state.backoffs) };
}
