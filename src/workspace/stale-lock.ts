import { rm, stat } from "node:fs/promises";
import type { Clock, Millis } from "../lib/clock.ts";
import { unlessMissing } from "./file-errors.ts";

/** A lock older than this has lost its git: to write one index or ref takes milliseconds. In ms. */
const staleLockMs: Millis = 10_000;

/** Removes git's lock on `file` if it is stale, and answers whether it was. */
export async function breakStaleLock(file: string, clock: Clock): Promise<boolean> {
  const lock = `${file}.lock`;
  const found = await unlessMissing(stat(lock));
  if (!found || clock.wall() - found.mtimeMs < staleLockMs) return false;
  await rm(lock, { force: true });
  return true;
}
