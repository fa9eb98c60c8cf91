/** SQLite's result codes as failures a caller can act on. */
import { codeOf, type ErrorCode, GodelError, messageOf } from "../../lib/errors.ts";
import { isFields } from "../../lib/json.ts";

/**
 * By primary result code, https://sqlite.org/rescode.html. A failed read or fsync (SQLITE_IOERR) is not here: what it
 * left on the disk is unknown, so it stops the engine, and replay says what is true.
 */
const byResult: Readonly<Record<number, ErrorCode>> = {
  5: "ENGINE_RUNNING", // SQLITE_BUSY: someone else writes although we hold the lock
  8: "HOME_UNUSABLE", // SQLITE_READONLY
  11: "JOURNAL_CORRUPT", // SQLITE_CORRUPT
  13: "DISK_FULL", // SQLITE_FULL
  14: "HOME_UNUSABLE", // SQLITE_CANTOPEN
  26: "JOURNAL_CORRUPT", // SQLITE_NOTADB
};
/** SQLITE_IOERR_SHMSIZE: no space for the index of the write-ahead log, met before anything is written. */
const shmSize = 4874;

/** The answer of `work`, whose SQLite or file system errors come out as GodelErrors where the caller can act. */
export function translated<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw translate(path, error);
  }
}

export function translate(path: string, error: unknown): unknown {
  const code = godelCode(error);
  return code ? new GodelError(code, `${path}: ${messageOf(error)}`, { cause: error }) : error;
}

function godelCode(error: unknown): ErrorCode | undefined {
  if (codeOf(error) === "ENOSPC") return "DISK_FULL";
  if (!isFields(error) || typeof error.errcode !== "number") return undefined;
  return error.errcode === shmSize ? "DISK_FULL" : byResult[error.errcode & 0xff];
}
