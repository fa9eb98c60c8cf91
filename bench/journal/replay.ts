import { closeSync, openSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import { StringDecoder } from "node:string_decoder";
import { openSqliteJournal } from "../../src/journal/index.ts";
import { assert } from "../../src/lib/assert.ts";
import { type BenchOptions, type Figure, inScratch, median } from "../harness.ts";
import { batchesOf, toLines, typicalEvents } from "./events.ts";

const batchSize = 100;
const aimSecondsPerMillion = 3;
const pageBytes = 1 << 20;

/** Reading and parsing a journal, in turns with a file of JSON lines that holds the same events. */
export function replayFigures({ quick, seed }: BenchOptions): Promise<Figure[]> {
  const { count, rounds } = quick ? { count: 100_000, rounds: 3 } : { count: 1_000_000, rounds: 3 };
  return inScratch(async (folder) => {
    const files = { journal: join(folder, "journal.db"), lines: join(folder, "events.jsonl") };
    const bytes = await writeBoth(files, count, seed);
    const seconds: { journal: number[]; lines: number[] } = { journal: [], lines: [] };
    for (let round = 0; round < rounds; round++) {
      seconds.journal.push(await timed(count, () => readJournal(files.journal)));
      seconds.lines.push(await timed(count, () => readLines(files.lines)));
    }
    return [
      {
        name: `replay of ${count.toLocaleString("en-US")} events of ${Math.round(bytes / count)} B: read and parse`,
        value: median(seconds.journal),
        unit: "s",
        aim: { below: (aimSecondsPerMillion * count) / 1e6 },
        beside: [{ name: "JSON lines", value: median(seconds.lines) }],
      },
    ];
  });
}

/** The bytes of the events. */
async function writeBoth(files: { journal: string; lines: string }, count: number, seed: number): Promise<number> {
  const batches = batchesOf(typicalEvents(seed, 10_000), batchSize);
  const journal = openSqliteJournal(files.journal);
  const { epoch } = await journal.acquire("bench", 60_000);
  const lines = openSync(files.lines, "w");
  let bytes = 0;
  for (let seq = 0n; seq < count; ) {
    const batch = batches[Number(seq / BigInt(batchSize)) % batches.length] ?? [];
    bytes += writeSync(lines, toLines(batch));
    seq = await journal.append(epoch, seq, `b${seq}`, batch);
  }
  closeSync(lines);
  await journal.close();
  return bytes;
}

async function timed(count: number, read: () => Promise<number> | number): Promise<number> {
  const start = performance.now();
  assert((await read()) === count, "not every event was read");
  return (performance.now() - start) / 1_000;
}

async function readJournal(path: string): Promise<number> {
  const journal = openSqliteJournal(path);
  let events = 0;
  for await (const batch of journal.read(0n)) events += batch.events.length;
  await journal.close();
  return events;
}

function readLines(path: string): number {
  const file = openSync(path, "r");
  const decoder = new StringDecoder();
  const page = Buffer.alloc(pageBytes);
  let [events, rest] = [0, ""];
  for (let read = readSync(file, page); read > 0; read = readSync(file, page)) {
    const lines = (rest + decoder.write(page.subarray(0, read))).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (JSON.parse(line) !== null) events++;
  }
  closeSync(file);
  return events;
}
