import { type Clock, systemClock } from "../../lib/clock.ts";
import { inRange, resolveOptions } from "../../lib/options.ts";

export interface SqliteJournalOptions {
  /** How long a write waits for another process that writes, in ms. Default 2000, from 0 to 60000. It blocks the thread that writes. */
  busyTimeoutMs: number;
  /** Batches read at a time. Default 64, from 1 to 10000. Higher holds more in memory and blocks the thread for longer. */
  pageBatches: number;
  /** Events that one transaction of `truncate` deletes, and one batch at least. Default 1000, from 1 to 1000000. Higher delays appends. */
  truncateEvents: number;
  /** Whether a thread of its own writes, so that the caller's never waits for the disk. Default false. A write takes some 0.1 ms longer. */
  inThread: boolean;
  /** Paces `truncate`. */
  clock: Clock;
}

const defaults: SqliteJournalOptions = {
  busyTimeoutMs: 2_000,
  pageBatches: 64,
  truncateEvents: 1_000,
  inThread: false,
  clock: systemClock,
};

/** Every option, checked. @throws GodelError OPTION_UNKNOWN, OPTION_RANGE */
export function checkOptions(given?: Partial<SqliteJournalOptions>): SqliteJournalOptions {
  const options = resolveOptions(defaults, given);
  inRange("busyTimeoutMs", options.busyTimeoutMs, 0, 60_000);
  inRange("pageBatches", options.pageBatches, 1, 10_000);
  inRange("truncateEvents", options.truncateEvents, 1, 1_000_000);
  return options;
}
