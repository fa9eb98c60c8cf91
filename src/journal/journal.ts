/** Where the events of the fleet are kept. `contract.ts` holds every promise; all implementations pass it. */
import type { Event } from "../model/events.ts";

/** The events of one turn of the loop: they are all durable, or none is. */
export interface Batch {
  /** Sequence number of the last event in it. Events count from 1. */
  seq: bigint;
  epoch: bigint;
  /** The writer's own name for the batch, to find out what became of an append whose answer was lost. */
  batchId: string;
  events: Event[];
}

export interface Snapshot {
  /** The last event that the snapshot includes. */
  seq: bigint;
  chunks: AsyncIterable<Uint8Array>;
}

export interface KeptPart {
  key: string;
  version: string;
  part: number;
  bytes: Uint8Array;
}

export interface Leadership {
  epoch: bigint;
  /** Aborts once this holder can no longer be sure to lead. */
  lost: AbortSignal;
  /** What was damaged at the end of the journal and cut off, for the log; empty when it was whole. */
  mended: readonly string[];
}

/** What a reader needs that does not lead. */
export type JournalReader = Pick<Journal, "read" | "latestSnapshot" | "previousSnapshot" | "kept" | "close">;

export interface Journal {
  /**
   * Leads from now on, with an epoch above every earlier one.
   * @throws GodelError ENGINE_RUNNING while another holder's claim stands.
   */
  acquire(holder: string, ttlMs: number): Promise<Leadership>;
  /** Resolves where nobody has led since: to be asked before acting outside of the journal. @throws GodelError EPOCH_STALE */
  confirm(epoch: bigint): Promise<void>;
  /**
   * Durable when it resolves: the sequence number of the last event.
   * A repeat of the newest `batchId` with the same `expectedSeq` answers as the first did.
   * @throws GodelError EPOCH_STALE when another leader took over, JOURNAL_CONFLICT when `expectedSeq` is not the last
   *   sequence number, DISK_FULL when nothing was written for want of space.
   */
  append(epoch: bigint, expectedSeq: bigint, batchId: string, events: readonly Event[]): Promise<bigint>;
  /** The batches that hold events after `fromSeq`, oldest first. @throws GodelError JOURNAL_CORRUPT, JOURNAL_VERSION */
  read(fromSeq: bigint): AsyncIterable<Batch>;
  /** The same, and then each new batch as it becomes durable, until the reader stops. */
  watch(fromSeq: bigint): AsyncIterable<Batch>;
  /** The last snapshot once all `chunks` are durable. The one before it is kept, older ones are not. @throws GodelError EPOCH_STALE */
  saveSnapshot(epoch: bigint, seq: bigint, chunks: AsyncIterable<Uint8Array>): Promise<void>;
  /** Its chunks throw JOURNAL_CORRUPT, at the latest after the last one, when they are not what was saved. */
  latestSnapshot(): Promise<Snapshot | null>;
  /** The snapshot before the last, for when that one is damaged. */
  previousSnapshot(): Promise<Snapshot | null>;
  /** Forgets events up to `throughSeq`. Only what the last snapshot includes: beyond it, JOURNAL_CONFLICT. */
  truncate(epoch: bigint, throughSeq: bigint): Promise<void>;
  /**
   * Durable when it resolves: one part of what the events no longer need to carry, for `kept`. Parts of one `key` and
   * `version` count from 0; a part that is written again is replaced. @throws GodelError EPOCH_STALE, DISK_FULL
   */
  keep(epoch: bigint, part: KeptPart): Promise<void>;
  /** The first `parts` parts of that version, in order. @throws GodelError JOURNAL_CORRUPT when one is gone or damaged */
  kept(key: string, version: string, parts: number): AsyncIterable<Uint8Array>;
  /** Drops every version of `key` but this one. @throws GodelError EPOCH_STALE */
  dropOthers(epoch: bigint, key: string, version: string): Promise<void>;
  /** Gives up leadership and closes files. Safe to call twice. */
  close(): Promise<void>;
}
