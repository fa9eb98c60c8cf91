/**
 * A copy of the journal in one file: the database as SQLite copies it, with its snapshots in a table.
 *
 * `VACUUM INTO` reads one state of the database while an engine goes on writing; it holds up whoever calls it, so call
 * it in a thread of its own. A file that is there is whole: it is written beside its place, synced, and moved there.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { crc32 } from "node:zlib";
import { codeOf, GodelError, messageOf } from "../../lib/errors.ts";
import { notKept } from "../refusals.ts";
import { openForReading, transaction } from "./database.ts";
import { translated } from "./failures.ts";
import { type BatchRow, corrupt, fromRow } from "./rows.ts";
import { snapshotPath } from "./snapshot-files.ts";
import { prepareStatements } from "./statements.ts";

export interface BackedUp {
  /** The last event in it. */
  seq: bigint;
  bytes: number;
}

const snapshotTable = "CREATE TABLE snapshotBytes (file TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT";

/**
 * Writes a backup of the journal at `path` to `file`, mode 0600. Its snapshots must not be replaced meanwhile.
 * @throws GodelError BACKUP_EXISTS unless `overwrite`, BACKUP_UNWRITABLE, DISK_FULL, JOURNAL_CORRUPT
 */
export function backUpJournal(path: string, file: string, overwrite: boolean): BackedUp {
  if (existsSync(file) && !overwrite) throw new GodelError("BACKUP_EXISTS", `${file} is there already.`);
  const unfinished = `${file}.unfinished`;
  try {
    return translated(file, () => {
      // SQLite writes to an empty file with the mode that it has.
      rmSync(unfinished, { force: true });
      createEmpty(unfinished);
      copy(path, unfinished);
      const seq = addSnapshots(path, unfinished);
      sync(unfinished);
      renameSync(unfinished, file);
      sync(dirname(file));
      return { seq, bytes: statSync(file).size };
    });
  } finally {
    rmSync(unfinished, { force: true });
  }
}

function createEmpty(file: string): void {
  try {
    closeSync(openSync(file, "wx", 0o600));
  } catch (error) {
    if (codeOf(error) === "ENOSPC") throw error;
    throw new GodelError("BACKUP_UNWRITABLE", `${file} cannot be written: ${messageOf(error)}.`, { cause: error });
  }
}

function copy(path: string, to: string): void {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    database.prepare("VACUUM INTO ?").run(to);
  } finally {
    database.close();
  }
}

/** Puts the snapshots into the copy that its rows point at. The last event of the copy. */
function addSnapshots(path: string, copied: string): bigint {
  const database = new DatabaseSync(copied);
  try {
    const statements = prepareStatements(database);
    transaction(database, () => {
      database.exec(snapshotTable);
      const insert = database.prepare("INSERT INTO snapshotBytes (file, bytes) VALUES (?, ?)");
      for (const { file } of statements.snapshots()) insert.run(file, readFileSync(snapshotPath(path, file)));
    });
    checkWhole(database);
    return statements.last()?.seq ?? 0n;
  } finally {
    database.close();
  }
}

/** A backup that could not be started from is none. @throws GodelError JOURNAL_CORRUPT naming the event */
function checkWhole(database: DatabaseSync): void {
  const batches = database.prepare("SELECT * FROM batches ORDER BY seq");
  batches.setReadBigInts(true);
  for (const row of batches.iterate()) fromRow(row as unknown as BatchRow);
  const snapshots = database.prepare(
    "SELECT seq, crc, snapshotBytes.bytes AS bytes FROM snapshots JOIN snapshotBytes USING (file)",
  );
  // A backup of an older format has none.
  const hasKept = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'kept'").get() !== undefined;
  const kept = hasKept ? database.prepare("SELECT key, part, bytes, crc FROM kept").iterate() : [];
  for (const row of kept) {
    const { key, part, bytes, crc } = row as { key: string; part: number; bytes: Uint8Array; crc: number };
    if (crc32(bytes) !== crc) throw notKept(key, part);
  }
  for (const row of snapshots.iterate()) {
    const { seq, crc, bytes } = row as { seq: number; crc: number; bytes: Uint8Array };
    if (crc32(bytes) !== crc) throw corrupt(BigInt(seq), "its snapshot is not what was written");
  }
}

/**
 * Makes the backup `file` the journal at `path`. `clear` is called once the backup is known to be whole, and leaves none
 * there. Its epoch is above `epoch`: orders of the engine that
 * wrote the backup, and of any since, are older than those of the next. The last event.
 * @throws GodelError BACKUP_INVALID when it is no backup, DISK_FULL, HOME_UNUSABLE
 */
export function restoreJournal(file: string, path: string, epoch: bigint, clear: () => void): bigint {
  const unfinished = `${path}.restoring`;
  rmSync(unfinished, { force: true });
  try {
    return translated(path, () => {
      copyBackup(file, unfinished);
      clear();
      const seq = takeSnapshotsOut(unfinished, path, epoch);
      sync(unfinished);
      renameSync(unfinished, path);
      sync(dirname(path));
      return seq;
    });
  } finally {
    rmSync(unfinished, { force: true });
  }
}

/** By SQLite, page for page as it is read: a file that is no whole database is refused before anything is there. */
function copyBackup(file: string, to: string): void {
  try {
    createEmpty(to);
    const database = new DatabaseSync(file, { readOnly: true });
    try {
      checkWhole(database);
      database.prepare("VACUUM INTO ?").run(to);
    } finally {
      database.close();
    }
  } catch (error) {
    if (codeOf(error) === "BACKUP_UNWRITABLE") throw error;
    throw new GodelError("BACKUP_INVALID", `${file} is not a backup of godel: ${messageOf(error)}.`, { cause: error });
  }
}

function takeSnapshotsOut(unfinished: string, path: string, epoch: bigint): bigint {
  const database = new DatabaseSync(unfinished);
  try {
    for (const row of database.prepare("SELECT file, bytes FROM snapshotBytes").iterate()) {
      const { file, bytes } = row as { file: string; bytes: Uint8Array };
      const target = snapshotPath(path, basename(file));
      writeFileSync(target, bytes, { mode: 0o600 });
      sync(target);
    }
    transaction(database, () => {
      database.exec("DROP TABLE snapshotBytes");
      database.prepare("UPDATE meta SET epoch = max(epoch, ?)").run(epoch);
    });
    return prepareStatements(database).last()?.seq ?? 0n;
  } finally {
    database.close();
  }
}

/** The epoch of the journal at `path`; 0 where there is none, or none that can be read. */
export function epochOf(path: string): bigint {
  try {
    const database = openForReading(path);
    try {
      return prepareStatements(database).meta()?.epoch ?? 0n;
    } finally {
      database.close();
    }
  } catch (error) {
    if (error instanceof GodelError) return 0n;
    throw error;
  }
}

/** Makes a file, or the names in a folder, durable. */
function sync(path: string): void {
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
