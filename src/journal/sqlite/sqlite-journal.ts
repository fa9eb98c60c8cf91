/** A journal in one SQLite file: the embedded one, for one machine. */
import type { DatabaseSync } from "node:sqlite";
import { crc32 } from "node:zlib";
import { assert } from "../../lib/assert.ts";
import { sleep } from "../../lib/clock.ts";
import { codeOf } from "../../lib/errors.ts";
import { acquireProcessLock, type ProcessLock } from "../../lib/process-lock.ts";
import type { Event } from "../../model/events.ts";
import { Bell, follow } from "../follow.ts";
import type { Batch, Journal, KeptPart, Leadership, Snapshot } from "../journal.ts";
import { claimed, wrongSeq } from "../refusals.ts";
import { openDatabase } from "./database.ts";
import { translate, translated } from "./failures.ts";
import { checkOptions, type SqliteJournalOptions } from "./options.ts";
import { firstOf, toRow } from "./rows.ts";
import { removeSnapshots, snapshotName, snapshotPath, sweepSnapshots, writeSnapshot } from "./snapshot-files.ts";
import { SqliteReader } from "./sqlite-reader.ts";
import { Standing } from "./standing.ts";
import { prepareStatements, type Statements } from "./statements.ts";
import { cutTail } from "./tail.ts";
import { type WriteName, type Writer, writerHere, writerInThread } from "./writer.ts";
import { Writes } from "./writes.ts";

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
  readonly #standing: Standing;
  readonly #reader: SqliteReader;
  readonly #bell = new Bell();
  #lock: ProcessLock | null = null;
  #writer: Writer | null = null;
  #lead: { holder: string; epoch: bigint; lost: AbortController } | null = null;

  constructor(path: string, options: SqliteJournalOptions) {
    this.#path = path;
    this.#options = options;
    this.#database = openDatabase(path, options.busyTimeoutMs);
    this.#statements = prepareStatements(this.#database);
    this.#standing = new Standing(path, this.#statements);
    this.#reader = new SqliteReader(path, this.#database, this.#statements, options.pageBatches);
  }

  /** The claim stands until `close` or the death of the process: the lock knows, so `ttlMs` is not needed. */
  async acquire(holder: string, _ttlMs: number): Promise<Leadership> {
    this.#assertOpen();
    if (this.#lead && this.#lead.holder !== holder) throw claimed(this.#lead.holder);
    this.#lock ??= acquireProcessLock(`${this.#path}.lock`);
    this.#writer ??= this.#startWriter();
    this.#translated(() => this.#statements.lead({}));
    const { epoch } = this.#standing.meta();
    this.#lead?.lost.abort();
    this.#lead = { holder, epoch, lost: new AbortController() };
    const { lost } = this.#lead;
    const cut = this.#translated(() => cutTail(this.#database, this.#statements));
    // What is still being written belongs to an older epoch, and would be refused.
    await sweepSnapshots(this.#path, this.#snapshotFiles());
    return { epoch, lost: lost.signal, mended: cut === null ? [] : [cut] };
  }

  async confirm(epoch: bigint): Promise<void> {
    this.#assertOpen();
    this.#fenced(() => this.#standing.checkEpoch(epoch));
  }

  async append(epoch: bigint, expectedSeq: bigint, batchId: string, events: readonly Event[]): Promise<bigint> {
    assert(events.length > 0, `batch ${batchId} has no events`);
    const row = toRow(expectedSeq + BigInt(events.length), epoch, batchId, events);
    if ((await this.#write("append", row)) === 0) return this.#explain(epoch, expectedSeq, batchId);
    this.#bell.ring();
    return row.seq;
  }

  read(fromSeq: bigint): AsyncIterable<Batch> {
    return this.#reader.read(fromSeq);
  }

  /** Sees what is appended through this journal; another process reads again when it wants to know. */
  watch(fromSeq: bigint): AsyncIterable<Batch> {
    this.#assertOpen();
    return follow(this.#bell, (seq) => this.read(seq), fromSeq);
  }

  async saveSnapshot(epoch: bigint, seq: bigint, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    this.#assertOpen();
    this.#fenced(() => this.#standing.checkSnapshot(epoch, seq));
    const file = snapshotName(this.#path, seq);
    const written = await this.#writeSnapshot(file, chunks);
    this.#assertOpen();
    const before = this.#snapshotFiles();
    try {
      // Leadership may have been lost while the chunks came, and another may have saved a newer one: so it is checked again.
      await this.#write("addSnapshot", epoch, { seq, file, ...written });
    } finally {
      // Not a sweep: where this was refused, a new leader may be writing a snapshot of its own.
      const kept = this.#snapshotFiles();
      await removeSnapshots(
        this.#path,
        [...before, file].filter((name) => !kept.includes(name)),
      );
    }
  }

  latestSnapshot(): Promise<Snapshot | null> {
    return this.#reader.latestSnapshot();
  }

  previousSnapshot(): Promise<Snapshot | null> {
    return this.#reader.previousSnapshot();
  }

  async truncate(epoch: bigint, throughSeq: bigint): Promise<void> {
    while ((await this.#write("forget", epoch, throughSeq, this.#options.truncateEvents)) > 0) {
      await sleep(this.#options.clock, 0);
      // The rest stays until the next truncate.
      if (this.#bell.closed) return;
    }
  }

  async keep(epoch: bigint, part: KeptPart): Promise<void> {
    const row = { ...part, epoch, crc: BigInt(crc32(part.bytes)) };
    if ((await this.#write("keep", row)) === 0) this.#fenced(() => this.#standing.checkEpoch(epoch));
  }

  kept(key: string, version: string, parts: number): AsyncIterable<Uint8Array> {
    return this.#reader.kept(key, version, parts);
  }

  async dropOthers(epoch: bigint, key: string, version: string): Promise<void> {
    const dropped = await this.#write("dropOthers", { key, version, epoch });
    if (dropped === 0) this.#fenced(() => this.#standing.checkEpoch(epoch));
  }

  async close(): Promise<void> {
    if (this.#bell.closed) return;
    this.#bell.close();
    this.#lead?.lost.abort();
    await this.#writer?.close();
    await this.#reader.close();
    this.#lock?.release();
  }

  #startWriter(): Writer {
    if (this.#options.inThread) return writerInThread(this.#path, this.#options.busyTimeoutMs);
    return writerHere(new Writes(this.#path, this.#database, this.#statements));
  }

  /** @throws GodelError EPOCH_STALE also where nobody ever led */
  async #write<N extends WriteName>(name: N, ...args: Parameters<Writes[N]>): Promise<ReturnType<Writes[N]>> {
    this.#assertOpen();
    this.#writer ??= this.#startWriter();
    try {
      return await this.#writer.write(name, ...args);
    } catch (error) {
      throw this.#noticed(error);
    }
  }

  #fenced(check: () => void): void {
    try {
      check();
    } catch (error) {
      throw this.#noticed(error);
    }
  }

  /** Who is refused because another leads is to know that it leads no more. */
  #noticed(error: unknown): unknown {
    if (codeOf(error) === "EPOCH_STALE" && this.#lead?.epoch !== this.#standing.meta().epoch) this.#lead?.lost.abort();
    return error;
  }

  /** What an append that wrote nothing comes to: the answer of the first try if it is a repeat. */
  #explain(epoch: bigint, expectedSeq: bigint, batchId: string): bigint {
    this.#fenced(() => this.#standing.checkEpoch(epoch));
    const newest = this.#translated(() => this.#statements.newest());
    if (newest?.batchId === batchId && firstOf(newest) - 1n === expectedSeq) return newest.seq;
    throw wrongSeq(expectedSeq, this.#standing.last());
  }

  async #writeSnapshot(name: string, chunks: AsyncIterable<Uint8Array>) {
    try {
      return await writeSnapshot(snapshotPath(this.#path, name), chunks);
    } catch (error) {
      throw translate(this.#path, error);
    }
  }

  #snapshotFiles(): string[] {
    return this.#translated(() => this.#statements.snapshots()).map(({ file }) => file);
  }

  #assertOpen(): void {
    assert(!this.#bell.closed, "the journal is closed");
  }

  #translated<T>(work: () => T): T {
    return translated(this.#path, work);
  }
}
