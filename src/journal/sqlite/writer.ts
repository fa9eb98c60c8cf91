/** Where a leader's writes are done: at once, or in a thread that waits for the disk while the caller's loop goes on. */
import { Worker } from "node:worker_threads";
import { assert } from "../../lib/assert.ts";
import { type ErrorCode, GodelError, messageOf } from "../../lib/errors.ts";
import type { Writes } from "./writes.ts";

export type WriteName = Exclude<keyof Writes, "close">;

export interface Writer {
  /** Does one of the `Writes`, in the order of the calls. @throws what it throws; an Error when nobody knows whether it was done */
  write<N extends WriteName>(name: N, ...args: Parameters<Writes[N]>): Promise<ReturnType<Writes[N]>>;
  /** After what was asked for is done. */
  close(): Promise<void>;
}

/** What the thread is asked. */
export type Asked = { name: WriteName; args: unknown[] } | { name: "close" };
/** Its answers, in the order in which it was asked. */
export type Answered = { result: unknown } | { code: ErrorCode | null; message: string };

/** In this thread, which waits. */
export function writerHere(writes: Writes): Writer {
  return {
    async write(name, ...args) {
      return call(writes, name, args) as ReturnType<Writes[typeof name]>;
    },
    async close() {},
  };
}

/** In a thread of its own, with a connection of its own. */
export function writerInThread(path: string, busyTimeoutMs: number): Writer {
  return new ThreadWriter(path, busyTimeoutMs);
}

export function call(writes: Writes, name: WriteName, args: unknown[]): unknown {
  return (writes[name] as (...args: unknown[]) => unknown).apply(writes, args);
}

class ThreadWriter implements Writer {
  readonly #worker: Worker;
  readonly #waiting: PromiseWithResolvers<unknown>[] = [];
  #gone: Error | null = null;

  constructor(path: string, busyTimeoutMs: number) {
    this.#worker = new Worker(new URL("./write-worker.ts", import.meta.url), { workerData: { path, busyTimeoutMs } });
    // A process does not stay for it, but for what it was asked.
    this.#worker.unref();
    this.#worker.on("message", (answered: Answered) => this.#answer(answered));
    this.#worker.on("error", (error) => this.#lose(error));
    this.#worker.on("exit", () => this.#lose(new Error("the thread that writes the journal ended")));
  }

  write<N extends WriteName>(name: N, ...args: Parameters<Writes[N]>): Promise<ReturnType<Writes[N]>> {
    return this.#ask({ name, args }) as Promise<ReturnType<Writes[N]>>;
  }

  async close(): Promise<void> {
    if (this.#gone) return;
    await this.#ask({ name: "close" });
    this.#gone = new Error("the journal is closed");
    await this.#worker.terminate();
  }

  #ask(asked: Asked): Promise<unknown> {
    if (this.#gone) return Promise.reject(this.#gone);
    const waiting = Promise.withResolvers<unknown>();
    if (this.#waiting.push(waiting) === 1) this.#worker.ref();
    this.#worker.postMessage(asked);
    return waiting.promise;
  }

  #answer(answered: Answered): void {
    const waiting = this.#waiting.shift();
    assert(waiting !== undefined, "an answer that nobody asked for");
    if (this.#waiting.length === 0) this.#worker.unref();
    if ("result" in answered) return waiting.resolve(answered.result);
    const { code, message } = answered;
    waiting.reject(code === null ? new Error(message) : new GodelError(code, message));
  }

  #lose(error: unknown): void {
    this.#gone ??= new Error(`the journal's thread is lost: ${messageOf(error)}`);
    for (const waiting of this.#waiting.splice(0)) waiting.reject(this.#gone);
  }
}
