import { GodelError } from "../lib/errors.ts";
import type { State } from "./state.ts";
import { emptyState, rebuildIndex } from "./state.ts";

const version = 1;
const chunkChars = 1 << 20;
const parts = ["teams", "tasks", "attempts", "agents", "nodes"] as const;

/** The whole of `takeSnapshot` at once, of a state that is about to change. O(records). */
export function snapshotNow(state: State): Uint8Array[] {
  return [...takeSnapshot(state)];
}

/**
 * The state as JSON lines: a header, then `[part, record]` each, in chunks of about a megabyte. Each is made when it is
 * asked for, so `state` must not change until the last.
 */
export function* takeSnapshot(state: State): Generator<Uint8Array> {
  let text = `${JSON.stringify({ version, epoch: String(state.epoch), at: state.at })}\n`;
  const encoder = new TextEncoder();
  for (const part of parts) {
    for (const record of state[part].values()) {
      text += `${JSON.stringify([part, record])}\n`;
      if (text.length < chunkChars) continue;
      yield encoder.encode(text);
      text = "";
    }
  }
  yield encoder.encode(text);
}

/** @throws GodelError JOURNAL_VERSION for a snapshot of a newer godel, and what `chunks` throws */
export async function loadSnapshot(chunks: AsyncIterable<Uint8Array>): Promise<State> {
  const state = emptyState();
  let header = true;
  let unreadable: unknown;
  for await (const line of lines(chunks)) {
    // Whether the chunks are what was saved is known after the last: until then a line that makes no sense proves nothing.
    if (unreadable !== undefined) continue;
    try {
      if (header) readHeader(state, line);
      else readRecord(state, line);
    } catch (error) {
      unreadable = error;
    }
    header = false;
  }
  if (unreadable !== undefined) throw unreadable;
  rebuildIndex(state);
  return state;
}

function readHeader(state: State, line: string): void {
  const header: { version: number; epoch: string; at: number } = JSON.parse(line);
  if (header.version !== version) {
    throw new GodelError("JOURNAL_VERSION", `the snapshot has version ${header.version}; this godel reads ${version}.`);
  }
  state.epoch = BigInt(header.epoch);
  state.at = header.at;
}

function readRecord(state: State, line: string): void {
  const [part, record]: [(typeof parts)[number], { id: string }] = JSON.parse(line);
  (state[part] as Map<string, { id: string }>).set(record.id, record);
}

async function* lines(chunks: AsyncIterable<Uint8Array>): AsyncIterable<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of chunks) {
    const split = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = split.pop() ?? "";
    yield* split;
  }
  if (rest !== "") yield rest;
}
