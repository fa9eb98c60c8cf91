/** Reads a SQLite journal: the part of it that needs no leadership. */
import type { DatabaseSync } from "node:sqlite";
import { crc32 } from "node:zlib";
import { assert } from "../../lib/assert.ts";
import type { Batch, JournalReader, Snapshot } from "../journal.ts";
import { notKept } from "../refusals.ts";
import { openForReading } from "./database.ts";
import { translated } from "./failures.ts";
import { checkOptions, type SqliteJournalOptions } from "./options.ts";
import { readBatches } from "./read-batches.ts";
import { readSnapshot, snapshotPath } from "./snapshot-files.ts";
import { prepareStatements, type Statements } from "./statements.ts";

/**
 * Opens the journal at `path` beside the engine that writes it, from another thread or process. It must exist.
 * @throws GodelError JOURNAL_VERSION, JOURNAL_CORRUPT, HOME_UNUSABLE
 */
export function readSqliteJournal(path: string, options?: Partial<SqliteJournalOptions>): JournalReader {
  const database = openForReading(path);
  return new SqliteReader(path, database, prepareStatements(database), checkOptions(options).pageBatches);
}

export class SqliteReader implements JournalReader {
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #statements: Statements;
  readonly #pageBatches: number;

  constructor(path: string, database: DatabaseSync, statements: Statements, pageBatches: number) {
    this.#path = path;
    this.#database = database;
    this.#statements = statements;
    this.#pageBatches = pageBatches;
  }

  read(fromSeq: bigint): AsyncIterable<Batch> {
    this.#assertOpen();
    return readBatches(this.#statements, this.#path, fromSeq, this.#pageBatches);
  }

  async latestSnapshot(): Promise<Snapshot | null> {
    return this.#snapshot(0);
  }

  async previousSnapshot(): Promise<Snapshot | null> {
    return this.#snapshot(1);
  }

  async *kept(key: string, version: string, parts: number): AsyncGenerator<Uint8Array> {
    for (let part = 0; part < parts; part++) {
      this.#assertOpen();
      const row = translated(this.#path, () => this.#statements.kept(key, version, part));
      if (!row || BigInt(crc32(row.bytes)) !== row.crc) throw notKept(key, part);
      yield row.bytes;
    }
  }

  async close(): Promise<void> {
    if (this.#database.isOpen) this.#database.close();
  }

  #snapshot(age: number): Snapshot | null {
    this.#assertOpen();
    const row = translated(this.#path, () => this.#statements.snapshots())[age];
    return row ? { seq: row.seq, chunks: readSnapshot(snapshotPath(this.#path, row.file), row) } : null;
  }

  #assertOpen(): void {
    assert(this.#database.isOpen, "the journal is closed");
  }
}
