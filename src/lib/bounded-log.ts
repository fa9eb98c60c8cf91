/**
 * Bounds the log that a process writes through a descriptor it was given, such as stderr: what it holds moves to a file
 * beside it, and it begins anew.
 *
 * Not by a rename, as a rolling stream does it: the descriptor would go on with the old file, and Node can't point it to
 * another, while what a crash says goes there too. So the lines are copied and the file is cut; as it is open to append,
 * it goes on at its start. Its process alone writes to it, in one thread, so no line comes between the two. A process
 * killed between them leaves the lines twice, and none is lost.
 */
import { copyFileSync, fstatSync, ftruncateSync, renameSync, rmSync, statSync } from "node:fs";

export interface BoundedLogOptions {
  /** Of the log, open to append. */
  fd: number;
  /** Where the log is. Nothing is done where `fd` is something else, such as a terminal. */
  file: string;
  /** From this size on it begins anew, in bytes. Default 8 MiB. */
  maxBytes?: number;
  /** How many older files stay beside it, `.1` the newest. Default 3. */
  kept?: number;
}

/** To be called before a line is written. A look at the size of the file, and seldom more. */
export function boundedLog({ fd, file, maxBytes = 8 << 20, kept = 3 }: BoundedLogOptions): () => void {
  return () => {
    const { size, ino, dev } = fstatSync(fd);
    if (size < maxBytes) return;
    const there = statSync(file, { throwIfNoEntry: false });
    if (!there?.isFile() || there.ino !== ino || there.dev !== dev) return;
    try {
      for (let age = kept; age > 1; age--) renameIfThere(`${file}.${age - 1}`, `${file}.${age}`);
      copyFileSync(file, `${file}.new`);
      renameSync(`${file}.new`, `${file}.1`);
    } catch {
      // A full disk: it is better off without these lines than with a log that grows on it.
      rmSync(`${file}.new`, { force: true });
    }
    ftruncateSync(fd, 0);
  };
}

function renameIfThere(from: string, to: string): void {
  if (statSync(from, { throwIfNoEntry: false })) renameSync(from, to);
}
