/**
 * A lock on one machine that the operating system frees the moment its holder dies, however it dies.
 *
 * An open exclusive transaction on an empty SQLite file is a POSIX record lock (fcntl) that Node cannot take by itself.
 * Unlike a file with a pid in it, it is never stale; unlike flock, a child process does not inherit it.
 * Nobody else may open and close the file: POSIX drops every lock of a process on a file when it closes any handle of it.
 */
import { DatabaseSync } from "node:sqlite";
import { GodelError } from "./errors.ts";
import { isFields } from "./json.ts";

export interface ProcessLock {
  /** Frees the lock. Safe to call twice. */
  release(): void;
}

const sqliteBusy = 5;

/** Keeps every lock reachable: a collected database would close itself, and free the lock in silence. */
const held = new Set<DatabaseSync>();

/**
 * Locks `path`, which is created if absent and stays, empty. Never waits.
 * @throws GodelError ENGINE_RUNNING while this or another process holds it, HOME_UNUSABLE when it cannot be opened.
 */
export function acquireProcessLock(path: string): ProcessLock {
  const file = openLockFile(path);
  try {
    // Its rollback journal in memory: nothing is written, and a full disk takes nobody's lock away.
    file.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (error) {
    file.close();
    if (errcodeOf(error) !== sqliteBusy) throw unusable(path, error);
    throw new GodelError("ENGINE_RUNNING", `${path} is held by another process`, { cause: error });
  }
  held.add(file);
  return {
    release() {
      if (held.delete(file)) file.close();
    },
  };
}

function openLockFile(path: string): DatabaseSync {
  try {
    return new DatabaseSync(path, { timeout: 0 });
  } catch (error) {
    throw unusable(path, error);
  }
}

function unusable(path: string, error: unknown): GodelError {
  return new GodelError("HOME_UNUSABLE", `cannot lock ${path}`, { cause: error });
}

function errcodeOf(error: unknown): number | undefined {
  return isFields(error) && typeof error.errcode === "number" ? error.errcode : undefined;
}
