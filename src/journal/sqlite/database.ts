/**
 * The file of a SQLite journal.
 *
 * batches: one row per append. `seq` is the last event in it, so "events after N" is one range of the primary key.
 * meta: one row: what holds for the journal as a whole. `epoch` is the fence that every write checks in its own
 * transaction; `forgotten` is the last event that was truncated.
 * kept: what left the events, in parts; an event names the version that counts.
 * snapshots: the last two, the newest with the highest id; each points at a file.
 */
import { DatabaseSync } from "node:sqlite";
import { GodelError } from "../../lib/errors.ts";
import { acquireProcessLock } from "../../lib/process-lock.ts";
import { translated } from "./failures.ts";
import { upgrade } from "./upgrade.ts";

/** Raised whenever an older godel could misread what a newer one wrote; `upgrade.ts` gets a step then. */
export const formatVersion = 3;

const schema = `
  CREATE TABLE IF NOT EXISTS meta (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL,
    epoch INTEGER NOT NULL DEFAULT 0,
    forgotten INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE TABLE IF NOT EXISTS batches (
    seq INTEGER PRIMARY KEY,
    count INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    batchId TEXT NOT NULL,
    events TEXT NOT NULL,
    crc INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS snapshots (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    seq INTEGER NOT NULL,
    file TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    crc INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS kept (
    key TEXT NOT NULL,
    version TEXT NOT NULL,
    part INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    crc INTEGER NOT NULL,
    UNIQUE (key, version, part)
  ) STRICT;
  INSERT OR IGNORE INTO meta (id, version) VALUES (1, ${formatVersion});
`;

/**
 * Opens `path`, creating it if absent; its folder must exist. An older format is brought to this one, once and for all.
 * `busyTimeoutMs` as in SqliteJournalOptions.
 * @throws GodelError JOURNAL_VERSION, JOURNAL_CORRUPT when it is no database, HOME_UNUSABLE, DISK_FULL, and
 *   ENGINE_RUNNING when an older format is in use.
 */
export function openDatabase(path: string, busyTimeoutMs: number): DatabaseSync {
  return opened(path, { timeout: busyTimeoutMs }, (database) => {
    // FULL: each commit is on the disk before it is acknowledged. NORMAL would lose the newest on a power cut.
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
    const version = checkVersion(path, database);
    if (version === formatVersion) return;
    if (version === 0) transaction(database, () => database.exec(schema));
    else upgradeAlone(path, database);
  });
}

/** Opens `path` for reading, beside whoever writes. @throws GodelError JOURNAL_VERSION, also for an older format. */
export function openForReading(path: string): DatabaseSync {
  return opened(path, { readOnly: true }, (database) => {
    const version = checkVersion(path, database);
    if (version < formatVersion) throw new GodelError("JOURNAL_VERSION", `${path} has format ${version}, an older one`);
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

function opened(
  path: string,
  options: { timeout?: number; readOnly?: boolean },
  prepare: (database: DatabaseSync) => void,
): DatabaseSync {
  return translated(path, () => {
    const database = new DatabaseSync(path, options);
    try {
      prepare(database);
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/** An engine of the older format must not find its tables changed. */
function upgradeAlone(path: string, database: DatabaseSync): void {
  const lock = acquireProcessLock(`${path}.lock`);
  try {
    transaction(database, () => {
      database.exec(schema);
      upgrade(database, checkVersion(path, database), formatVersion);
    });
  } finally {
    lock.release();
  }
}

/** The format of the file; 0 for one that is empty. */
function checkVersion(path: string, database: DatabaseSync): number {
  const hasMeta = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'meta'").get() !== undefined;
  const version = hasMeta ? Number(database.prepare("SELECT version FROM meta").get()?.version) : 0;
  if (version <= formatVersion) return version;
  throw new GodelError("JOURNAL_VERSION", `${path} has format ${version}; this godel reads up to ${formatVersion}`);
}
