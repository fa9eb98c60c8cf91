import { appendFileSync, closeSync, openSync, writeSync } from "node:fs";

/** How much of a command's output is kept in its file, in bytes. */
const fileCap = 10 * 1024 * 1024;
/** How much of its end is kept in memory, in characters. */
const tailCap = 16 * 1024;

export interface OutputLog {
  add(chunk: Buffer): void;
  /** The end of the output, at most `tailCap`. */
  tail(): string;
  close(): void;
}

/**
 * The transcript of a command: its output in `path` up to `fileCap`, with a last line that says what was left out.
 *
 * Written synchronously, so that what was printed is in the file even when the host is killed, and so that a command
 * that floods waits for the disk instead of filling memory.
 */
export function outputLog(path: string): OutputLog {
  const file = openSync(path, "w");
  let written = 0;
  let leftOut = 0;
  let tail = "";
  return {
    add(chunk) {
      tail = (tail + chunk.toString()).slice(-tailCap);
      const kept = chunk.subarray(0, fileCap - written);
      leftOut += chunk.length - kept.length;
      written += kept.length;
      if (kept.length > 0) writeSync(file, kept);
    },
    tail: () => tail,
    close() {
      closeSync(file);
      if (leftOut > 0) appendFileSync(path, `\n[godel: ${leftOut} more bytes of output were left out]\n`);
    },
  };
}
