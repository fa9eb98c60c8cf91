/**
 * The ledger as a file that is only appended to: a line for each entry, `CRC JSON`.
 *
 * An append is one `write`, so what it says survives the death of the process at any instant, before the request goes
 * out. The machine's power is another matter: what was written is forced to the disk in the background, all that came
 * meanwhile with one `fdatasync`, so no request waits for the disk. A cut of power may cost the last `syncMs` of it.
 */
import { closeSync, fdatasync, fsyncSync, ftruncateSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import type { Clock, Millis } from "../lib/clock.ts";
import { codeOf, GodelError, messageOf } from "../lib/errors.ts";
import type { Entry, LedgerStore } from "./ledger-entries.ts";
import { lineOf, readLines } from "./ledger-lines.ts";

/** How long an entry may wait to be forced to the disk, in ms. */
const syncMs: Millis = 20;

/** Opens the ledger at `path`, which is made when it is missing. `log`: one line for people, of what was damaged. */
export function openLedgerFile(path: string, clock: Clock, log: (line: string) => void): LedgerStore {
  return new LedgerFile(path, clock, log);
}

class LedgerFile implements LedgerStore {
  private readonly path: string;
  private readonly clock: Clock;
  private readonly log: (line: string) => void;
  private fd: number;
  /** Bytes that are whole entries. */
  private size = 0;
  private syncing = false;
  private dirty = false;

  constructor(path: string, clock: Clock, log: (line: string) => void) {
    this.path = path;
    this.clock = clock;
    this.log = log;
    this.fd = openSync(path, "a+", 0o600);
  }

  load(): Entry[] {
    const bytes = readFileSync(this.path);
    const { entries, size, damaged } = readLines(bytes);
    this.size = size;
    if (size < bytes.length) ftruncateSync(this.fd, size);
    if (damaged > 0) this.log(`${this.path}: ${damaged} entries are damaged and left out`);
    return entries;
  }

  append(entry: Entry): void {
    const line = lineOf(entry);
    this.write(line);
    this.size += line.length;
    this.dirty = true;
    this.sync();
  }

  rewrite(entries: readonly Entry[]): void {
    const text = Buffer.concat(entries.map(lineOf));
    const fresh = `${this.path}.new`;
    const fd = openSync(fresh, "w", 0o600);
    try {
      withRoom(() => writeAll(fd, text));
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(fresh, this.path);
    syncFolder(dirname(this.path));
    closeSync(this.fd);
    this.fd = openSync(this.path, "a+", 0o600);
    this.size = text.length;
  }

  close(): void {
    if (this.fd < 0) return;
    fsyncSync(this.fd);
    closeSync(this.fd);
    this.fd = -1;
  }

  /** What was half written is taken back, so that the next entry begins a line. */
  private write(line: Buffer): void {
    try {
      withRoom(() => writeAll(this.fd, line));
    } catch (error) {
      ftruncateSync(this.fd, this.size);
      throw error;
    }
  }

  private sync(): void {
    if (this.syncing) return;
    this.syncing = true;
    this.clock.after(syncMs, () => {
      this.dirty = false;
      if (this.fd < 0) return;
      const { fd } = this;
      fdatasync(fd, (error) => {
        this.syncing = false;
        // The file may have been replaced meanwhile, by one that was forced to the disk as a whole.
        if (error && fd === this.fd) this.log(`${this.path}: ${error.message}`);
        if (this.dirty && this.fd >= 0) this.sync();
      });
    });
  }
}

function writeAll(fd: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
}

function withRoom(write: () => void): void {
  try {
    write();
  } catch (error) {
    const full = codeOf(error) === "ENOSPC" || codeOf(error) === "EDQUOT";
    throw full ? new GodelError("DISK_FULL", messageOf(error), { cause: error }) : error;
  }
}

function syncFolder(dir: string): void {
  const fd = openSync(dir, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
