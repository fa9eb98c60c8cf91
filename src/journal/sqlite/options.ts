import { type Clock, systemClock } from "../../lib/clock.ts";
import { inRange, resolveOptions } from "../../lib/options.ts";

export interface SqliteJournalOptions {
  /** How long a write waits for another process that writes, in ms. Default 2000, from 0 to 60000. It blocks the thread. */
  busyTimeoutMs: number;
  /** Batches read at a time. Default 64, from 1 to 10000. Higher holds more in memory and blocks the thread for longer. */
  pageBatches: number;
  /** Batches that one transaction of `truncate` deletes. Default 16, from 1 to 100000. Higher delays appends: 0.3 ms for each of 50 KB. */
  truncateBatches: number;
  /** Paces `truncate`. */
  clock: Clock;
}

const defaults: SqliteJournalOptions = {
  busyTimeoutMs: 2_000,
  pageBatches: 64,
  truncateBatches: 16,
  clock: systemClock,
};

/** Every option, checked. @throws GodelError OPTION_UNKNOWN, OPTION_RANGE */
export function checkOptions(given?: Partial<SqliteJournalOptions>): SqliteJournalOptions {
  const options = resolveOptions(defaults, given);
  inRange("busyTimeoutMs", options.busyTimeoutMs, 0, 60_000);
  inRange("pageBatches", options.pageBatches, 1, 10_000);
  inRange("truncateBatches", options.truncateBatches, 1, 100_000);
  return options;
}
