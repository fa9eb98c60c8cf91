/** The thread that writes the journal: see `writer.ts`. It does what it is asked, one after the other. */
import { parentPort, workerData } from "node:worker_threads";
import { present } from "../../lib/assert.ts";
import { GodelError, messageOf } from "../../lib/errors.ts";
import { type Answered, type Asked, call } from "./writer.ts";
import { Writes } from "./writes.ts";

const port = present(parentPort, "the parent of this thread");
const { path, busyTimeoutMs } = workerData as { path: string; busyTimeoutMs: number };
let writes: Writes | null = null;

port.on("message", (asked: Asked) => port.postMessage(answer(asked)));

function answer(asked: Asked): Answered {
  try {
    if (asked.name === "close") return { result: writes?.close() };
    writes ??= Writes.open(path, busyTimeoutMs);
    return { result: call(writes, asked.name, asked.args) };
  } catch (error) {
    return { code: error instanceof GodelError ? error.code : null, message: messageOf(error) };
  }
}
