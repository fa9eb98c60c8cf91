import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { openSqliteJournal } from "../../src/journal/index.ts";
import type { Event } from "../../src/model/events.ts";
import { type BenchOptions, type Figure, inScratch, quantile } from "../harness.ts";
import { batchesOf, toLines, typicalEvents } from "./events.ts";

const batchSizes = [1, 10, 100, 1_000];
/** 10,000 agents that make 5 transitions a minute. In tens, a commit may take 12 ms: the loop groups them when disks are slow. */
const fleet = { batchSize: 10, eventsPerSecond: 830 };

/** Something that makes one batch durable, and how long each took, in ms. */
interface Writer {
  write(): Promise<unknown> | unknown;
  commits: number[];
  close(): Promise<void> | void;
}

/** Appends of each batch size, in turns with raw writes of the same bytes: what the machine does besides hits both. */
export function appendFigures({ quick, seed }: BenchOptions): Promise<Figure[]> {
  const { rounds, sliceMs } = quick ? { rounds: 3, sliceMs: 100 } : { rounds: 10, sliceMs: 250 };
  const events = typicalEvents(seed, 10_000);
  return inScratch(async (folder) => {
    const pairs: { size: number; journal: Writer; raw: Writer }[] = [];
    for (const size of batchSizes) {
      const batches = batchesOf(events, size);
      const path = join(folder, `${size}`);
      pairs.push({ size, journal: await journalWriter(`${path}.db`, batches), raw: rawWriter(`${path}.raw`, batches) });
    }
    for (let round = 0; round < rounds; round++) {
      for (const { journal, raw } of pairs) {
        await writeFor(sliceMs, journal);
        await writeFor(sliceMs, raw);
      }
    }
    for (const { journal, raw } of pairs) {
      await journal.close();
      await raw.close();
    }
    return pairs.flatMap(({ size, journal, raw }) => figuresOf(size, journal.commits, raw.commits));
  });
}

async function writeFor(ms: number, writer: Writer): Promise<void> {
  const end = performance.now() + ms;
  for (let start = performance.now(); start < end; ) {
    await writer.write();
    const now = performance.now();
    writer.commits.push(now - start);
    start = now;
  }
}

/** `JSON.stringify`, checksum, the way to the writing thread and back: what the engine waits for. */
async function journalWriter(path: string, batches: Event[][]): Promise<Writer> {
  const journal = openSqliteJournal(path, { inThread: true });
  const { epoch } = await journal.acquire("bench", 60_000);
  let seq = 0n;
  const next = cycle(batches);
  return {
    write: async () => {
      seq = await journal.append(epoch, seq, `b${seq}`, next());
    },
    commits: [],
    close: () => journal.close(),
  };
}

/** The least that durability can cost: bytes that are ready, one write and one fdatasync a batch. */
function rawWriter(path: string, batches: Event[][]): Writer {
  const file = openSync(path, "a");
  const next = cycle(batches.map((batch) => Buffer.from(toLines(batch))));
  return {
    write: () => {
      writeSync(file, next());
      fdatasyncSync(file);
    },
    commits: [],
    close: () => closeSync(file),
  };
}

function cycle<T>(items: readonly T[]): () => T {
  let index = 0;
  return () => items[index++ % items.length] as T;
}

function figuresOf(size: number, journal: readonly number[], raw: readonly number[]): Figure[] {
  const rate = (commits: readonly number[]) =>
    (commits.length * size * 1_000) / commits.reduce((sum, ms) => sum + ms, 0);
  const name = `append, batches of ${size}`;
  const beside = (value: number) => [{ name: "raw write + fdatasync", value }];
  const [ours, least] = [rate(journal), rate(raw)];
  const aim = size === fleet.batchSize ? { above: fleet.eventsPerSecond } : null;
  return [
    { name, value: ours, unit: "events/s", aim, beside: beside(least) },
    { name: `${name}: rate against raw`, value: ours / least, unit: "x", aim: null, beside: [] },
    ...[0.5, 0.99].map((share) => ({
      name: `${name}: commit p${share * 100}`,
      value: quantile(journal, share),
      unit: "ms",
      aim: null,
      beside: beside(quantile(raw, share)),
    })),
  ];
}
