/** How a ledger stands in its file: a line for each entry, `CRC JSON`. */
import { crc32 } from "node:zlib";
import type { Entry } from "./ledger-entries.ts";

export interface LedgerText {
  entries: Entry[];
  /** Bytes that are whole lines. What follows was never answered for: its writer died, or its disk was full. */
  size: number;
  /** Lines that are not what was written. */
  damaged: number;
}

export function lineOf(entry: Entry): Buffer {
  const json = JSON.stringify(entry);
  return Buffer.from(`${sumOf(json)} ${json}\n`);
}

export function readLines(bytes: Buffer): LedgerText {
  const size = bytes.lastIndexOf(0x0a) + 1;
  const lines = bytes.toString("utf8", 0, size).split("\n").slice(0, -1);
  const entries = lines.map(readLine).filter((entry) => entry !== undefined);
  return { entries, size, damaged: lines.length - entries.length };
}

function readLine(line: string): Entry | undefined {
  const json = line.slice(9);
  return sumOf(json) === line.slice(0, 8) ? JSON.parse(json) : undefined;
}

function sumOf(json: string): string {
  return crc32(json).toString(16).padStart(8, "0");
}
