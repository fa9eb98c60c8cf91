/** What every journal refuses, worded once. */
import { GodelError } from "../lib/errors.ts";

export function staleEpoch(epoch: bigint, current: bigint): GodelError {
  const leader = current === 0n ? "nobody leads yet" : `the leader's epoch is ${current}`;
  return new GodelError("EPOCH_STALE", `epoch ${epoch} may not write: ${leader}`);
}

export function claimed(holder: string): GodelError {
  return new GodelError("ENGINE_RUNNING", `"${holder}" leads already`);
}

export function wrongSeq(expected: bigint, last: bigint): GodelError {
  return new GodelError("JOURNAL_CONFLICT", `expected the last event to be ${expected}, but it is ${last}`);
}

export function forgotten(fromSeq: bigint, through: bigint): GodelError {
  return new GodelError(
    "JOURNAL_CONFLICT",
    `cannot read on from event ${fromSeq}: events up to ${through} are only in the snapshot`,
  );
}

export function beyondSnapshot(throughSeq: bigint, snapshotSeq: bigint): GodelError {
  return new GodelError(
    "JOURNAL_CONFLICT",
    `cannot forget events up to ${throughSeq}: the last snapshot includes only those up to ${snapshotSeq}`,
  );
}

export function snapshotOutOfPlace(seq: bigint, low: bigint, high: bigint): GodelError {
  return new GodelError("JOURNAL_CONFLICT", `a snapshot through event ${seq} is not within ${low} and ${high}`);
}

export function notKept(key: string, part: number): GodelError {
  return new GodelError(
    "JOURNAL_CORRUPT",
    `part ${part} of what was kept of ${key} is not there, or not what was written`,
  );
}
