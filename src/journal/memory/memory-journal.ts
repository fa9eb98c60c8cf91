/** A journal that lives as long as its store: for tests and the simulator. */
import { assert } from "../../lib/assert.ts";
import type { Event } from "../../model/events.ts";
import { Bell, follow } from "../follow.ts";
import type { Batch, Journal, KeptPart, Leadership, Snapshot } from "../journal.ts";
import { beyondSnapshot, claimed, forgotten, notKept, snapshotOutOfPlace, staleEpoch, wrongSeq } from "../refusals.ts";
import { MemoryStore, type StoredBatch } from "./memory-store.ts";

/** A journal on `store`, which may have others. */
export function openMemoryJournal(store: MemoryStore = new MemoryStore()): Journal {
  return new MemoryJournal(store);
}

class MemoryJournal implements Journal {
  readonly #store: MemoryStore;
  readonly #bell = new Bell();
  #lead: { epoch: bigint; lost: AbortController } | null = null;

  constructor(store: MemoryStore) {
    this.#store = store;
    store.bells.add(this.#bell);
  }

  /** The claim stands until this journal is closed or the store deposes it; `ttlMs` is not needed. */
  async acquire(holder: string, _ttlMs: number): Promise<Leadership> {
    this.#assertOpen();
    const { claim } = this.#store;
    if (claim && !(claim.by === this && claim.holder === holder)) throw claimed(claim.holder);
    this.#lead?.lost.abort();
    this.#store.claim = { by: this, holder };
    this.#store.epoch += 1n;
    this.#lead = { epoch: this.#store.epoch, lost: new AbortController() };
    return { epoch: this.#lead.epoch, lost: this.#lead.lost.signal, mended: [] };
  }

  async confirm(epoch: bigint): Promise<void> {
    this.#assertOpen();
    this.#checkEpoch(epoch);
  }

  async append(epoch: bigint, expectedSeq: bigint, batchId: string, events: readonly Event[]): Promise<bigint> {
    this.#assertOpen();
    assert(events.length > 0, `batch ${batchId} has no events`);
    this.#checkEpoch(epoch);
    const newest = this.#store.batches.at(-1);
    if (newest?.batchId === batchId && newest.firstSeq - 1n === expectedSeq) return newest.seq;
    const last = newest?.seq ?? 0n;
    if (last !== expectedSeq) throw wrongSeq(expectedSeq, last);
    const seq = last + BigInt(events.length);
    this.#store.batches.push({ firstSeq: last + 1n, seq, epoch, batchId, json: JSON.stringify(events) });
    for (const bell of this.#store.bells) bell.ring();
    return seq;
  }

  async *read(fromSeq: bigint): AsyncGenerator<Batch> {
    this.#assertOpen();
    let seq = fromSeq;
    for (;;) {
      if (seq < this.#store.forgotten) throw forgotten(seq, this.#store.forgotten);
      const next = this.#store.batches[indexAfter(this.#store.batches, seq)];
      if (!next) return;
      yield revive(next);
      seq = next.seq;
    }
  }

  watch(fromSeq: bigint): AsyncIterable<Batch> {
    this.#assertOpen();
    return follow(this.#bell, (seq) => this.read(seq), fromSeq);
  }

  async saveSnapshot(epoch: bigint, seq: bigint, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    this.#assertOpen();
    this.#checkSnapshot(epoch, seq);
    const copies: Uint8Array[] = [];
    for await (const chunk of chunks) copies.push(Uint8Array.from(chunk));
    // Leadership may have been lost while the chunks came.
    this.#checkSnapshot(epoch, seq);
    this.#store.snapshots = [{ seq, chunks: copies }, ...this.#store.snapshots.slice(0, 1)];
  }

  async latestSnapshot(): Promise<Snapshot | null> {
    return this.#snapshot(0);
  }

  async previousSnapshot(): Promise<Snapshot | null> {
    return this.#snapshot(1);
  }

  async truncate(epoch: bigint, throughSeq: bigint): Promise<void> {
    this.#assertOpen();
    this.#checkEpoch(epoch);
    const included = this.#store.snapshots[0]?.seq ?? 0n;
    if (throughSeq > included) throw beyondSnapshot(throughSeq, included);
    this.#store.forget(throughSeq);
  }

  async keep(epoch: bigint, { key, version, part, bytes }: KeptPart): Promise<void> {
    this.#assertOpen();
    this.#checkEpoch(epoch);
    const versions = this.#store.kept.get(key) ?? new Map<string, Uint8Array[]>();
    this.#store.kept.set(key, versions);
    const parts = versions.get(version) ?? [];
    versions.set(version, parts);
    parts[part] = Uint8Array.from(bytes);
  }

  async *kept(key: string, version: string, parts: number): AsyncGenerator<Uint8Array> {
    this.#assertOpen();
    const stored = this.#store.kept.get(key)?.get(version) ?? [];
    for (let part = 0; part < parts; part++) {
      const bytes = stored[part];
      if (!bytes) throw notKept(key, part);
      yield bytes;
    }
  }

  async dropOthers(epoch: bigint, key: string, version: string): Promise<void> {
    this.#assertOpen();
    this.#checkEpoch(epoch);
    const versions = this.#store.kept.get(key);
    for (const other of [...(versions?.keys() ?? [])]) if (other !== version) versions?.delete(other);
  }

  async close(): Promise<void> {
    if (this.#store.claim?.by === this) this.#store.claim = null;
    this.#lead?.lost.abort();
    this.#store.bells.delete(this.#bell);
    this.#bell.close();
  }

  #snapshot(age: number): Snapshot | null {
    this.#assertOpen();
    const snapshot = this.#store.snapshots[age];
    return snapshot ? { seq: snapshot.seq, chunks: replay(snapshot.chunks) } : null;
  }

  #assertOpen(): void {
    assert(!this.#bell.closed, "the journal is closed");
  }

  #checkEpoch(epoch: bigint): void {
    const current = this.#store.epoch;
    if (epoch === current && epoch > 0n) return;
    if (this.#lead?.epoch !== current) this.#lead?.lost.abort();
    throw staleEpoch(epoch, current);
  }

  #checkSnapshot(epoch: bigint, seq: bigint): void {
    this.#checkEpoch(epoch);
    const low = this.#store.snapshots[0]?.seq ?? 0n;
    const high = this.#store.batches.at(-1)?.seq ?? 0n;
    if (seq < low || seq > high) throw snapshotOutOfPlace(seq, low, high);
  }
}

/** Where the batches with events after `seq` begin. O(log n). */
function indexAfter(batches: readonly StoredBatch[], seq: bigint): number {
  let low = 0;
  let high = batches.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((batches[middle] as StoredBatch).seq > seq) high = middle;
    else low = middle + 1;
  }
  return low;
}

function revive({ seq, epoch, batchId, json }: StoredBatch): Batch {
  return { seq, epoch, batchId, events: JSON.parse(json) };
}

async function* replay(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}
