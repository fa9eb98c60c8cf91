/** Backups of a home: while its engine runs, through it; else by whoever holds the lock of the journal meanwhile. */
import { existsSync, mkdirSync, readdirSync, renameSync } from "node:fs";
import { basename, isAbsolute, join } from "node:path";
import { Worker } from "node:worker_threads";
import type { Engine } from "../engine/engine.ts";
import { type BackedUp, backUpJournal, epochOf, openSqliteJournal, restoreJournal } from "../journal/index.ts";
import { type ErrorCode, GodelError, messageOf } from "../lib/errors.ts";
import { acquireProcessLock } from "../lib/process-lock.ts";
import type { Home } from "../model/home.ts";
import type { Serve } from "./serve.ts";
import type { BackupAnswer } from "./wire.ts";

/** What `godel restore --json` prints. */
export interface RestoreAnswer {
  seq: string;
  /** The folder that holds what was there before, or null. */
  keptAside: string | null;
}

export interface BackupJob {
  journal: string;
  path: string;
  force: boolean;
}

export type BackupDone = { backedUp: BackedUp } | { code: ErrorCode; message: string };

/** What a backup would be too large with, or what it would not be true of when it is restored. */
const notIncluded = [
  "worktrees",
  "attempts (transcripts and gate output)",
  "outbox.db",
  "ledger.log",
  "logs",
  "your repositories",
];

export function addBackupRoute(serve: Serve, engine: Engine, home: Home): void {
  serve("backUp", async ({ body }) => {
    const { path, force = false } = body;
    if (!isAbsolute(path)) throw new GodelError("REQUEST_INVALID", `"${path}" is not an absolute path.`);
    refuseOwn(home, path);
    const job = { journal: home.journal, path, force };
    return answerOf(path, await engine.holdSnapshots(() => inThread(job)));
  });
}

/** Of a home whose engine is down. @throws GodelError ENGINE_RUNNING, JOURNAL_MISSING and what `backUpJournal` throws */
export async function backUpOffline(home: Home, path: string, force: boolean): Promise<BackupAnswer> {
  if (!existsSync(home.journal)) throw new GodelError("JOURNAL_MISSING", `${home.dir} has no journal to back up.`);
  refuseOwn(home, path);
  // One of an older format is brought to this one first.
  await openSqliteJournal(home.journal).close();
  const lock = acquireProcessLock(`${home.journal}.lock`);
  try {
    return answerOf(path, backUpJournal(home.journal, path, force));
  } finally {
    lock.release();
  }
}

/**
 * Makes the backup at `path` the journal of `home`. With `force` a journal that is there is kept aside, and with it the
 * outbox: its reports are of attempts whose names the restored engine will give anew.
 * @throws GodelError ENGINE_RUNNING while the engine or its node runs, JOURNAL_EXISTS, BACKUP_INVALID
 */
export function restoreHome(home: Home, path: string, options: { force: boolean; stamp: string }): RestoreAnswer {
  mkdirSync(home.dir, { recursive: true, mode: 0o700 });
  const locks = [`${home.journal}.lock`, home.nodeLock].map((file) => acquireProcessLock(file));
  try {
    const old = oldFiles(home);
    if (old.includes(basename(home.journal)) && !options.force) {
      throw new GodelError("JOURNAL_EXISTS", `${home.dir} has a journal already.`);
    }
    const aside = join(home.dir, `before-restore-${options.stamp}`);
    const seq = restoreJournal(path, home.journal, epochOf(home.journal), () => keepAside(home, old, aside));
    return { seq: String(seq), keptAside: old.length > 0 ? aside : null };
  } finally {
    for (const lock of locks) lock.release();
  }
}

/** `--force` must not replace the journal by its own backup. */
function refuseOwn(home: Home, path: string): void {
  const own = Object.values(home).some((file) => file !== home.dir && path.startsWith(file));
  if (own) throw new GodelError("BACKUP_UNWRITABLE", `${path} is among the files that godel works with.`);
}

/** The journal, the outbox, what was answered of them, and what belongs to these, but not the locks. */
function oldFiles(home: Home): string[] {
  const prefixes = [home.journal, home.outbox, home.answers].map((file) => basename(file));
  return readdirSync(home.dir)
    .filter((name) => prefixes.some((prefix) => name.startsWith(prefix)))
    .filter((name) => !/\.lock(?:-journal)?$|\.restoring/.test(name));
}

function keepAside(home: Home, names: readonly string[], folder: string): void {
  if (names.length > 0) mkdirSync(folder, { mode: 0o700 });
  for (const name of names) renameSync(join(home.dir, name), join(folder, name));
}

function inThread(job: BackupJob): Promise<BackedUp> {
  const worker = new Worker(new URL("./backup-worker.ts", import.meta.url), { workerData: job });
  return new Promise((resolve, reject) => {
    worker.once("message", (done: BackupDone) => {
      if ("backedUp" in done) resolve(done.backedUp);
      else reject(new GodelError(done.code, done.message));
    });
    worker.once("error", (error) => reject(new GodelError("INTERNAL", `the backup failed: ${messageOf(error)}`)));
    worker.once("exit", () => reject(new GodelError("INTERNAL", "the backup ended before its time")));
  });
}

function answerOf(path: string, { seq, bytes }: BackedUp): BackupAnswer {
  return { path, seq: String(seq), sizeBytes: bytes, notIncluded };
}
