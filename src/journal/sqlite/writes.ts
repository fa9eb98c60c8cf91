/** What a leader writes. Each is durable or refused, as a whole, when it returns; the thread waits for the disk. */
import type { DatabaseSync } from "node:sqlite";
import { present } from "../../lib/assert.ts";
import { beyondSnapshot } from "../refusals.ts";
import { openDatabase, transaction } from "./database.ts";
import { translated } from "./failures.ts";
import { type BatchRow, firstOf } from "./rows.ts";
import { Standing } from "./standing.ts";
import { type DropRow, type KeptRow, prepareStatements, type SnapshotRow, type Statements } from "./statements.ts";

/** All GodelErrors are those of `translated`, but where another is named. */
export class Writes {
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #statements: Statements;
  readonly #standing: Standing;

  /** A connection of its own. `busyTimeoutMs` as in SqliteJournalOptions. @throws GodelError as `openDatabase` */
  static open(path: string, busyTimeoutMs: number): Writes {
    const database = openDatabase(path, busyTimeoutMs);
    return new Writes(path, database, prepareStatements(database));
  }

  constructor(path: string, database: DatabaseSync, statements: Statements) {
    this.#path = path;
    this.#database = database;
    this.#statements = statements;
    this.#standing = new Standing(path, statements);
  }

  /** Rows written: 0 when the epoch or the last sequence number is another. */
  append(row: BatchRow): number {
    return translated(this.#path, () => this.#statements.append(row));
  }

  /** Rows written: 0 when the epoch is another. */
  keep(row: KeptRow): number {
    return translated(this.#path, () => this.#statements.keep(row));
  }

  /** Rows deleted: 0 when the epoch is another, or there was none. */
  dropOthers(row: DropRow): number {
    return translated(this.#path, () => this.#statements.dropOthers(row));
  }

  /** Has the journal point at a snapshot whose file is durable, and forget all but the last two. @throws GodelError EPOCH_STALE, JOURNAL_CONFLICT */
  addSnapshot(epoch: bigint, row: SnapshotRow): void {
    this.#transaction(() => {
      this.#standing.checkSnapshot(epoch, row.seq);
      this.#statements.addSnapshot(row);
      this.#statements.dropSnapshots({});
    });
  }

  /** Deletes some `events` of those up to `throughSeq`, the oldest first: how many batches. @throws GodelError EPOCH_STALE, JOURNAL_CONFLICT */
  forget(epoch: bigint, throughSeq: bigint, events: number): number {
    return this.#transaction(() => {
      this.#standing.checkEpoch(epoch);
      const included = this.#standing.included();
      if (throughSeq > included) throw beyondSnapshot(throughSeq, included);
      const deleted = this.#statements.forget({ throughSeq, events });
      if (deleted > 0) {
        this.#statements.setForgotten({ seq: firstOf(present(this.#statements.oldest(), "a batch")) - 1n });
      }
      return deleted;
    });
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }

  #transaction<T>(work: () => T): T {
    return translated(this.#path, () => transaction(this.#database, work));
  }
}
