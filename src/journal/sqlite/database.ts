/**
 * The file of a SQLite journal.
 *
 * batches: one row per append. `seq` is the last event in it, so "events after N" is one range of the primary key.
 * meta: one row: what holds for the journal as a whole. `epoch` is the fence that every write checks in its own
 * transaction; `forgotten` is the last event that was truncated; `snapshot*` point at the file of the last snapshot.
 */
import { DatabaseSync } from "node:sqlite";
import { GodelError } from "../../lib/errors.ts";
import { translated } from "./failures.ts";

/** Raised whenever an older godel could misread what a newer one wrote. */
export const formatVersion = 1;

const schema = `
  CREATE TABLE IF NOT EXISTS meta (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL,
    epoch INTEGER NOT NULL DEFAULT 0,
    forgotten INTEGER NOT NULL DEFAULT 0,
    snapshotSeq INTEGER NOT NULL DEFAULT 0,
    snapshotFile TEXT,
    snapshotBytes INTEGER NOT NULL DEFAULT 0,
    snapshotCrc INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE TABLE IF NOT EXISTS batches (
    seq INTEGER PRIMARY KEY,
    count INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    batchId TEXT NOT NULL,
    events TEXT NOT NULL,
    crc INTEGER NOT NULL
  ) STRICT;
  INSERT OR IGNORE INTO meta (id, version) VALUES (1, ${formatVersion});
`;

/**
 * Opens `path`, creating it if absent; its folder must exist. `busyTimeoutMs` as in SqliteJournalOptions.
 * @throws GodelError JOURNAL_VERSION, JOURNAL_CORRUPT when it is no database, HOME_UNUSABLE, DISK_FULL
 */
export function openDatabase(path: string, busyTimeoutMs: number): DatabaseSync {
  return translated(path, () => {
    const database = new DatabaseSync(path, { timeout: busyTimeoutMs });
    try {
      // FULL: each commit is on the disk before it is acknowledged. NORMAL would lose the newest on a power cut.
      database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
      transaction(database, () => database.exec(schema));
      checkVersion(path, database);
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/** Runs `work` so that all of its writes are durable, or none is. */
export function transaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    // SQLite has rolled back by itself after some errors, a full disk among them.
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

function checkVersion(path: string, database: DatabaseSync): void {
  const version = Number(database.prepare("SELECT version FROM meta").get()?.version);
  if (version <= formatVersion) return;
  throw new GodelError("JOURNAL_VERSION", `${path} has format ${version}; this godel reads up to ${formatVersion}`);
}
