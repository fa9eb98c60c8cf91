/** The thread that writes a backup, which would hold up the engine's loop: see `backup.ts`. */
import { parentPort, workerData } from "node:worker_threads";
import { backUpJournal } from "../journal/index.ts";
import { present } from "../lib/assert.ts";
import { GodelError, messageOf } from "../lib/errors.ts";
import type { BackupDone, BackupJob } from "./backup.ts";

const { journal, path, force } = workerData as BackupJob;
present(parentPort, "the parent of this thread").postMessage(run());

function run(): BackupDone {
  try {
    return { backedUp: backUpJournal(journal, path, force) };
  } catch (error) {
    return { code: error instanceof GodelError ? error.code : "INTERNAL", message: messageOf(error) };
  }
}
