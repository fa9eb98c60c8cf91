/** The thread that takes snapshots: see `snapshot-thread.ts`. */
import { parentPort, workerData } from "node:worker_threads";
import { readSqliteJournal } from "../journal/index.ts";
import { present } from "../lib/assert.ts";
import { GodelError, messageOf } from "../lib/errors.ts";
import { yieldCores } from "../lib/priority.ts";
import type { Said } from "./snapshot-thread.ts";
import { takeByReplay } from "./snapshots.ts";

const port = present(parentPort, "the parent of this thread");
try {
  // Elsewhere it would hold for the whole process.
  if (process.platform === "linux") yieldCores();
  await take((workerData as { path: string }).path);
} catch (error) {
  const code = error instanceof GodelError ? error.code : "INTERNAL";
  say({ type: "failed", code, message: messageOf(error) });
}
port.close();

async function take(path: string): Promise<void> {
  const journal = readSqliteJournal(path);
  try {
    const { seq, chunks } = await takeByReplay(journal);
    say({ type: "seq", seq });
    for await (const bytes of chunks) {
      await asked();
      say({ type: "chunk", bytes });
    }
    await asked();
    say({ type: "end" });
  } finally {
    await journal.close();
  }
}

/** Nothing but microtasks lies between what is said and this, so no answer is missed. */
function asked(): Promise<void> {
  return new Promise((resolve) => port.once("message", () => resolve()));
}

function say(said: Said): void {
  port.postMessage(said, said.type === "chunk" ? [said.bytes.buffer as ArrayBuffer] : []);
}
