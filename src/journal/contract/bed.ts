/** What the contract's tests share: journals to break, and short words for what they write and read. */
import { type TestContext, test } from "node:test";
import type { Event } from "../../model/events.ts";
import type { Batch, Journal, KeptPart, Snapshot } from "../journal.ts";

/** Storage of one test, as an implementation's test file gives it. It starts empty. */
export interface Storage {
  /** A journal on it, each time another one. The suite closes it. */
  open(): Journal | Promise<Journal>;
  /** Ends the claim of whoever leads without a word to it, as a cut network or a deleted lock file would. */
  depose(): void | Promise<void>;
}

export interface Bed {
  open(): Promise<Journal>;
  depose(): Promise<void>;
}

/** How the parts of the contract declare a test: `name` is prefixed with the implementation. */
export type Declare = (name: string, body: (bed: Bed) => Promise<void>) => void;

/** A claim that stands for as long as a test runs. */
export const ttlMs = 60_000;

export function declarer(
  implementation: string,
  prepare: (context: TestContext) => Storage | Promise<Storage>,
): Declare {
  return (name, body) => {
    test(`${implementation}: ${name}`, async (context) => {
      const storage = await prepare(context);
      const opened: Journal[] = [];
      const open = async () => {
        const journal = await storage.open();
        opened.push(journal);
        return journal;
      };
      try {
        await body({ open, depose: async () => storage.depose() });
      } finally {
        for (const journal of opened) await journal.close();
      }
    });
  };
}

/** A journal and the epoch of its leadership. */
export async function leading(bed: Bed): Promise<{ journal: Journal; epoch: bigint; lost: AbortSignal }> {
  const journal = await bed.open();
  return { journal, ...(await journal.acquire("engine", ttlMs)) };
}

/** One event a letter of `tasks`. */
export function queued(tasks: string): Event[] {
  return [...tasks].map((task) => ({
    type: "taskQueued",
    at: 1,
    task,
    notBefore: 0,
    feedback: 'a "quoted" ünïcode\n🙂',
  }));
}

/** Appends each of `batches` (see `queued`) after event `seq`, with the batch ids b1, b2, …; the last sequence number. */
export async function fill(journal: Journal, epoch: bigint, batches: readonly string[], seq = 0n): Promise<bigint> {
  let last = seq;
  for (const [index, tasks] of batches.entries()) {
    last = await journal.append(epoch, last, `b${index + 1}`, queued(tasks));
  }
  return last;
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** `SEQ:TASKS` of each batch. */
export async function brief(batches: AsyncIterable<Batch>): Promise<string[]> {
  return (await collect(batches)).map(describe);
}

export function describe(batch: Batch): string {
  return `${batch.seq}:${batch.events.map((event) => ("task" in event ? event.task : event.type)).join("")}`;
}

export async function* chunks(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

/** A part that says `text`, by default the first of the first version of t1. */
export function keptPart(text: string, where: Partial<KeptPart> = {}): KeptPart {
  return { key: "t1", version: "v1", part: 0, ...where, bytes: Buffer.from(text) };
}

/** `SEQ:TEXT` of the snapshot, or null. */
export async function contentOf(snapshot: Snapshot | null): Promise<string | null> {
  return snapshot && `${snapshot.seq}:${Buffer.concat(await collect(snapshot.chunks))}`;
}
