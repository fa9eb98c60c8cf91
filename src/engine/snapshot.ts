import type { Records } from "../federation/cascade.ts";
import { GodelError } from "../lib/errors.ts";
import { pack, unpack } from "./frames.ts";
import type { State } from "./state.ts";
import { emptyState, rebuildIndex } from "./state.ts";

/** 1: a line for each record. 2: a line for up to `groupRecords` of them, which takes two thirds of the time to read. */
const version = 2;
const groupRecords = 64;
const chunkChars = 1 << 20;
const parts = ["teams", "tasks", "attempts", "agents", "nodes"] as const;
type Part = (typeof parts)[number];
type Stored = { id: string };
const encoder = new TextEncoder();

/** The whole of `takeSnapshot` at once, of a state that is about to change. O(records). */
export function snapshotNow(state: State): Uint8Array[] {
  return [...takeSnapshot(state)];
}

/**
 * The state as JSON lines: a header, then `[part, records]` each, packed by the megabyte. Each chunk is made when it is
 * asked for, so `state` must not change until the last.
 */
export function takeSnapshot(state: State): Generator<Uint8Array> {
  return pack(linesOf(state));
}

function* linesOf(state: State): Generator<Uint8Array> {
  yield encoder.encode(
    `${JSON.stringify({ version, epoch: String(state.epoch), at: state.at, retriesFullAt: state.retriesFullAt, tierRecords: state.tierRecords })}\n`,
  );
  yield* encodeRecords(
    parts.map((part) => [part, state[part].values()]),
    chunkChars,
  );
}

/** Records as `readRecords` takes them, in chunks of about `chars`. Each is made when it is asked for. */
export function* encodeRecords(all: Iterable<[Part, Iterable<Stored>]>, chars: number): Generator<Uint8Array> {
  let text = "";
  for (const [part, stored] of all) {
    for (const records of groupsOf(stored)) {
      text += `${JSON.stringify([part, records])}\n`;
      if (text.length < chars) continue;
      yield encoder.encode(text);
      text = "";
    }
  }
  yield encoder.encode(text);
}

function* groupsOf<T>(items: Iterable<T>): Generator<T[]> {
  let group: T[] = [];
  for (const item of items) {
    group.push(item);
    if (group.length < groupRecords) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

/** @throws GodelError JOURNAL_VERSION for a snapshot of a newer godel, and what `chunks` throws */
export async function loadSnapshot(chunks: AsyncIterable<Uint8Array>): Promise<State> {
  const state = emptyState();
  let read = readHeader;
  await readLines(chunks, (line) => {
    read(state, line);
    read = readRecordLine;
  });
  rebuildIndex(state);
  return state;
}

/** Adds records to `state`, and leaves its index as it is. @throws what `chunks` throws */
export function readRecords(state: State, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  return readLines(chunks, (line) => readRecordLine(state, line));
}

async function readLines(chunks: AsyncIterable<Uint8Array>, read: (line: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  let unreadable: unknown;
  for await (const chunk of unpack(chunks)) {
    // Whether the chunks are what was saved is known after the last: until then a line that makes no sense proves nothing.
    if (unreadable !== undefined) continue;
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    try {
      for (const line of lines) read(line);
    } catch (error) {
      unreadable = error;
    }
  }
  if (unreadable !== undefined) throw unreadable;
}

function readHeader(state: State, line: string): void {
  const header: { version: number; epoch: string; at: number; retriesFullAt?: number; tierRecords?: Records } =
    JSON.parse(line);
  if (header.version > version) {
    throw new GodelError("JOURNAL_VERSION", `the snapshot has version ${header.version}; this godel reads ${version}.`);
  }
  state.epoch = BigInt(header.epoch);
  state.at = header.at;
  // Missing in snapshots before there were any.
  state.retriesFullAt = header.retriesFullAt ?? 0;
  state.tierRecords = header.tierRecords ?? {};
}

function readRecordLine(state: State, line: string): void {
  const [part, records]: [Part, Stored | Stored[]] = JSON.parse(line);
  const known = state[part] as Map<string, Stored>;
  for (const record of Array.isArray(records) ? records : [records]) known.set(record.id, record);
}
