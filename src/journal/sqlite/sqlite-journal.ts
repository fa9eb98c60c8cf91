/** A journal in one SQLite file: the embedded one, for one machine. */
import type { DatabaseSync } from "node:sqlite";
import { assert, present } from "../../lib/assert.ts";
import { sleep } from "../../lib/clock.ts";
import { acquireProcessLock, type ProcessLock } from "../../lib/process-lock.ts";
import type { Event } from "../../model/events.ts";
import { Bell, follow } from "../follow.ts";
import type { Batch, Journal, Leadership, Snapshot } from "../journal.ts";
import { beyondSnapshot, claimed, snapshotOutOfPlace, staleEpoch, wrongSeq } from "../refusals.ts";
import { openDatabase, transaction } from "./database.ts";
import { translate, translated } from "./failures.ts";
import { checkOptions, type SqliteJournalOptions } from "./options.ts";
import { readBatches } from "./read-batches.ts";
import { firstOf, toRow } from "./rows.ts";
import {
  readSnapshot,
  removeSnapshot,
  snapshotName,
  snapshotPath,
  sweepSnapshots,
  writeSnapshot,
} from "./snapshot-files.ts";
import { type Meta, prepareStatements, type Statements } from "./statements.ts";

/**
 * Opens the journal at `path`, created if absent in a folder that exists. Beside it live `-wal` and `-shm` of SQLite,
 * `.lock` of the leader, and `.snapshot-*`.
 * @throws GodelError JOURNAL_VERSION, JOURNAL_CORRUPT when the file is no database, HOME_UNUSABLE, DISK_FULL
 */
export function openSqliteJournal(path: string, options?: Partial<SqliteJournalOptions>): Journal {
  return new SqliteJournal(path, checkOptions(options));
}

class SqliteJournal implements Journal {
  readonly #path: string;
  readonly #options: SqliteJournalOptions;
  readonly #database: DatabaseSync;
  readonly #statements: Statements;
  readonly #bell = new Bell();
  #lock: ProcessLock | null = null;
  #lead: { holder: string; epoch: bigint; lost: AbortController } | null = null;

  constructor(path: string, options: SqliteJournalOptions) {
    this.#path = path;
    this.#options = options;
    this.#database = openDatabase(path, options.busyTimeoutMs);
    this.#statements = prepareStatements(this.#database);
  }

  /** The claim stands until `close` or the death of the process: the lock knows, so `ttlMs` is not needed. */
  async acquire(holder: string, _ttlMs: number): Promise<Leadership> {
    this.#assertOpen();
    if (this.#lead && this.#lead.holder !== holder) throw claimed(this.#lead.holder);
    this.#lock ??= acquireProcessLock(`${this.#path}.lock`);
    const { epoch } = present(
      this.#translated(() => this.#statements.lead()),
      "the meta row",
    );
    this.#lead?.lost.abort();
    this.#lead = { holder, epoch, lost: new AbortController() };
    const { lost } = this.#lead;
    // What is still being written belongs to an older epoch, and would be refused.
    await sweepSnapshots(this.#path, this.#meta().snapshotFile);
    return { epoch, lost: lost.signal };
  }

  async append(epoch: bigint, expectedSeq: bigint, batchId: string, events: readonly Event[]): Promise<bigint> {
    this.#assertOpen();
    assert(events.length > 0, `batch ${batchId} has no events`);
    const row = toRow(expectedSeq + BigInt(events.length), epoch, batchId, events);
    if (this.#translated(() => this.#statements.append(row)) === 0) return this.#explain(epoch, expectedSeq, batchId);
    this.#bell.ring();
    return row.seq;
  }

  read(fromSeq: bigint): AsyncIterable<Batch> {
    this.#assertOpen();
    return readBatches(this.#statements, this.#path, fromSeq, this.#options.pageBatches);
  }

  /** Sees what is appended through this journal; another process reads again when it wants to know. */
  watch(fromSeq: bigint): AsyncIterable<Batch> {
    this.#assertOpen();
    return follow(this.#bell, (seq) => this.read(seq), fromSeq);
  }

  async saveSnapshot(epoch: bigint, seq: bigint, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    this.#assertOpen();
    this.#checkSnapshot(epoch, seq);
    const name = snapshotName(this.#path, seq);
    const written = await this.#writeSnapshot(name, chunks);
    this.#assertOpen();
    // Leadership may have been lost while the chunks came, and another may have saved a newer one.
    const previous = this.#meta().snapshotFile;
    const row = { epoch, snapshotSeq: seq, snapshotFile: name, ...written };
    const replaced = this.#translated(() => this.#statements.saveSnapshot(row)) === 1;
    await removeSnapshot(this.#path, replaced ? previous : name);
    if (!replaced) this.#checkSnapshot(epoch, seq);
  }

  async latestSnapshot(): Promise<Snapshot | null> {
    this.#assertOpen();
    const meta = this.#meta();
    if (meta.snapshotFile === null) return null;
    return { seq: meta.snapshotSeq, chunks: readSnapshot(snapshotPath(this.#path, meta.snapshotFile), meta) };
  }

  async truncate(epoch: bigint, throughSeq: bigint): Promise<void> {
    this.#assertOpen();
    while (this.#forgetSome(epoch, throughSeq) === this.#options.truncateBatches) {
      await sleep(this.#options.clock, 0);
      // The rest stays until the next truncate.
      if (this.#bell.closed) return;
    }
  }

  async close(): Promise<void> {
    if (this.#bell.closed) return;
    this.#bell.close();
    this.#lead?.lost.abort();
    this.#database.close();
    this.#lock?.release();
  }

  /** What an append that wrote nothing comes to: the answer of the first try if it is a repeat. */
  #explain(epoch: bigint, expectedSeq: bigint, batchId: string): bigint {
    this.#checkEpoch(epoch, this.#meta());
    const newest = this.#translated(() => this.#statements.newest());
    if (newest?.batchId === batchId && firstOf(newest) - 1n === expectedSeq) return newest.seq;
    throw wrongSeq(expectedSeq, newest?.seq ?? 0n);
  }

  async #writeSnapshot(name: string, chunks: AsyncIterable<Uint8Array>) {
    try {
      return await writeSnapshot(snapshotPath(this.#path, name), chunks);
    } catch (error) {
      throw translate(this.#path, error);
    }
  }

  #forgetSome(epoch: bigint, throughSeq: bigint): number {
    const limit = this.#options.truncateBatches;
    return this.#translated(() =>
      transaction(this.#database, () => {
        const meta = this.#meta();
        this.#checkEpoch(epoch, meta);
        if (throughSeq > meta.snapshotSeq) throw beyondSnapshot(throughSeq, meta.snapshotSeq);
        const deleted = this.#statements.forget({ throughSeq, limit });
        if (deleted > 0)
          this.#statements.setForgotten({ seq: firstOf(present(this.#statements.oldest(), "a batch")) - 1n });
        return deleted;
      }),
    );
  }

  #checkSnapshot(epoch: bigint, seq: bigint): void {
    const meta = this.#meta();
    this.#checkEpoch(epoch, meta);
    const last = this.#translated(() => this.#statements.newest())?.seq ?? 0n;
    if (seq < meta.snapshotSeq || seq > last) throw snapshotOutOfPlace(seq, meta.snapshotSeq, last);
  }

  #checkEpoch(epoch: bigint, meta: Meta): void {
    if (epoch === meta.epoch && epoch > 0n) return;
    if (this.#lead?.epoch !== meta.epoch) this.#lead?.lost.abort();
    throw staleEpoch(epoch, meta.epoch);
  }

  #meta(): Meta {
    return present(
      this.#translated(() => this.#statements.meta()),
      "the meta row",
    );
  }

  #assertOpen(): void {
    assert(!this.#bell.closed, "the journal is closed");
  }

  #translated<T>(work: () => T): T {
    return translated(this.#path, work);
  }
}
