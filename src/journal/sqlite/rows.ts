/** One append as a row, with a checksum over all of it. */
import { crc32 } from "node:zlib";
import { GodelError } from "../../lib/errors.ts";
import type { Event } from "../../model/events.ts";
import type { Batch } from "../journal.ts";

/** As SQLite gives it: every number is a bigint, so that no sequence number is ever rounded. */
export interface BatchRow {
  seq: bigint;
  count: bigint;
  epoch: bigint;
  batchId: string;
  events: string;
  crc: bigint;
}

export function toRow(seq: bigint, epoch: bigint, batchId: string, events: readonly Event[]): BatchRow {
  const row = { seq, count: BigInt(events.length), epoch, batchId, events: JSON.stringify(events), crc: 0n };
  return { ...row, crc: checksum(row) };
}

/** @throws GodelError JOURNAL_CORRUPT naming the event, when the row is not what was written. */
export function fromRow(row: BatchRow): Batch {
  if (!isWhole(row)) throw corrupt(firstOf(row), `the batch of events up to ${row.seq} fails its checksum`);
  return { seq: row.seq, epoch: row.epoch, batchId: row.batchId, events: JSON.parse(row.events) };
}

/** Whether the row is what was written. */
export function isWhole(row: BatchRow): boolean {
  return checksum(row) === row.crc;
}

/** Sequence number of the first event in the row. */
export function firstOf(row: Pick<BatchRow, "seq" | "count">): bigint {
  return row.seq - row.count + 1n;
}

export function corrupt(seq: bigint, what: string): GodelError {
  return new GodelError("JOURNAL_CORRUPT", `the journal is damaged at event ${seq}: ${what}`);
}

/** The row's own numbers are in it too: a batch in the wrong place is as wrong as a damaged one. */
function checksum({ seq, count, epoch, batchId, events }: BatchRow): bigint {
  return BigInt(crc32(events, crc32(`${seq} ${count} ${epoch} ${batchId}`)));
}
