import { Worker } from "node:worker_threads";
import { type ErrorCode, GodelError, messageOf } from "../lib/errors.ts";
import type { Taken } from "./snapshots.ts";

/** What the thread says, in this order: `seq`, then a chunk for each `next` that it is sent, then `end`. Or why it cannot. */
export type Said =
  | { type: "seq"; seq: bigint }
  | { type: "chunk"; bytes: Uint8Array }
  | { type: "end" }
  | { type: "failed"; code: ErrorCode; message: string };

/**
 * Takes a snapshot of the SQLite journal at `path` in a thread of its own, which reads beside the engine that writes.
 * The loop is left one copy of a megabyte at a time; no chunk is made before the last one was written.
 */
export async function takeInThread(path: string): Promise<Taken> {
  const thread = new Thread(path);
  const said = await thread.hear();
  if (said.type !== "seq") throw thread.unexpected(said);
  return { seq: said.seq, chunks: thread.chunks() };
}

class Thread {
  readonly #worker: Worker;
  #heard = Promise.withResolvers<Said>();

  constructor(path: string) {
    this.#worker = new Worker(new URL("./snapshot-worker.ts", import.meta.url), { workerData: { path } });
    this.#worker.unref();
    this.#worker.on("message", (said: Said) => this.#heard.resolve(said));
    this.#worker.on("error", (error) => this.#heard.resolve(failed(messageOf(error))));
    this.#worker.on("exit", () => this.#heard.resolve(failed("the thread ended")));
  }

  async hear(): Promise<Said> {
    const said = await this.#heard.promise;
    this.#heard = Promise.withResolvers();
    return said;
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        this.#worker.postMessage("next");
        const said = await this.hear();
        if (said.type === "end") return;
        if (said.type !== "chunk") throw this.unexpected(said);
        yield said.bytes;
      }
    } finally {
      // Where the reader stopped early.
      void this.#worker.terminate();
    }
  }

  unexpected(said: Said): GodelError {
    void this.#worker.terminate();
    if (said.type === "failed") return new GodelError(said.code, said.message);
    return new GodelError("INTERNAL", `the snapshot's thread said ${said.type} out of turn`);
  }
}

function failed(message: string): Said {
  return { type: "failed", code: "INTERNAL", message };
}
