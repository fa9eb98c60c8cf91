/**
 * The snapshots beside a SQLite journal, one file each.
 *
 * A file counts only once the journal points at it, so it is never renamed and never overwritten: what a
 * crash leaves half written is an orphan, which the next leader sweeps.
 */
import { type FileHandle, open, readdir, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { crc32 } from "node:zlib";
import { codeOf } from "../../lib/errors.ts";
import { shortId, systemRandom } from "../../lib/random.ts";
import { corrupt } from "./rows.ts";
import type { SnapshotRow } from "./statements.ts";

/** Read at a time, and written between two syncs. */
const chunkBytes = 1 << 20;

/** A name that no snapshot of `journalPath` has had; relative to the journal's folder, so that a copy of it works. */
export function snapshotName(journalPath: string, seq: bigint): string {
  return `${prefixOf(journalPath)}${seq}-${shortId(systemRandom, "s")}`;
}

export function snapshotPath(journalPath: string, name: string): string {
  return join(dirname(journalPath), name);
}

/** Writes `chunks` to the new file `path`, durable when it resolves; nothing of it stays when `chunks` throws. */
export async function writeSnapshot(
  path: string,
  chunks: AsyncIterable<Uint8Array>,
): Promise<Pick<SnapshotRow, "bytes" | "crc">> {
  const file = await open(path, "wx", 0o600);
  try {
    const written = await writeAll(file, chunks);
    await file.sync();
    await syncFolder(dirname(path));
    return written;
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

/** The snapshot of `row`. @throws GodelError JOURNAL_CORRUPT, at the latest after the last chunk. */
export async function* readSnapshot(path: string, row: SnapshotRow): AsyncGenerator<Uint8Array> {
  const file = await openExisting(path, row.seq);
  let bytes = 0n;
  let crc = 0;
  // The stream closes the file when it ends and when the reader stops early.
  for await (const chunk of file.createReadStream({ highWaterMark: chunkBytes }) as AsyncIterable<Buffer>) {
    bytes += BigInt(chunk.length);
    crc = crc32(chunk, crc);
    yield chunk;
  }
  if (bytes === row.bytes && BigInt(crc) === row.crc) return;
  throw corrupt(row.seq, `${path} is not the snapshot that was written`);
}

/** Deletes the snapshots with these names, where they are there. */
export async function removeSnapshots(journalPath: string, names: readonly string[]): Promise<void> {
  for (const name of names) await rm(snapshotPath(journalPath, name), { force: true });
}

/** Deletes every snapshot of `journalPath` but those named in `keep`. */
export async function sweepSnapshots(journalPath: string, keep: readonly string[]): Promise<void> {
  const all = (await readdir(dirname(journalPath))).filter((name) => name.startsWith(prefixOf(journalPath)));
  await removeSnapshots(
    journalPath,
    all.filter((name) => !keep.includes(name)),
  );
}

function prefixOf(journalPath: string): string {
  return `${basename(journalPath)}.snapshot-`;
}

async function writeAll(file: FileHandle, chunks: AsyncIterable<Uint8Array>) {
  let unsynced = 0;
  let bytes = 0n;
  let crc = 0;
  for await (const chunk of chunks) {
    bytes += BigInt(chunk.length);
    crc = crc32(chunk, crc);
    // Unlike write, it goes on after a short write.
    await file.writeFile(chunk);
    unsynced += chunk.length;
    if (unsynced < chunkBytes) continue;
    // In small portions: a commit of the journal waits for all that the file system has to write by then.
    await file.datasync();
    unsynced = 0;
  }
  return { bytes, crc: BigInt(crc) };
}

/** Without it, a power cut may take the name of a file whose content is safe. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function openExisting(path: string, seq: bigint): Promise<FileHandle> {
  try {
    return await open(path, "r");
  } catch (error) {
    throw codeOf(error) === "ENOENT" ? corrupt(seq, `the snapshot ${path} is gone`) : error;
  }
}
