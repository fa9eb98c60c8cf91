import type { Bell } from "../follow.ts";
import type { Journal } from "../journal.ts";

/** Events as JSON, so that what JSON would lose is lost here too and a test notices. */
export interface StoredBatch {
  firstSeq: bigint;
  seq: bigint;
  epoch: bigint;
  batchId: string;
  json: string;
}

/** The disk under any number of memory journals: it stays when they close. */
export class MemoryStore {
  /** Oldest first, without gaps. */
  batches: StoredBatch[] = [];
  /** The last event that no batch holds any more; 0 when none was forgotten. */
  forgotten = 0n;
  epoch = 0n;
  claim: { by: Journal; holder: string } | null = null;
  /** The newest first, at most two. */
  snapshots: { seq: bigint; chunks: Uint8Array[] }[] = [];
  /** Kept parts by key, then by version. */
  readonly kept = new Map<string, Map<string, Uint8Array[]>>();
  /** One for each open journal. */
  readonly bells = new Set<Bell>();

  /** Ends the claim of whoever leads as a network would: without a word to it. */
  depose(): void {
    this.claim = null;
  }

  /** Drops the batches up to `throughSeq`, but for the newest: it says where the journal ends and who wrote last. */
  forget(throughSeq: bigint): void {
    const newest = this.batches.at(-1);
    this.batches = this.batches.filter((batch) => batch.seq > throughSeq || batch === newest);
    const oldest = this.batches[0];
    if (oldest) this.forgotten = oldest.firstSeq - 1n;
  }
}
