import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";

/** Looked at together: enough to keep the system busy, and few enough to leave room for others. */
const atOnce = 32;

/**
 * What lies in `folders` takes on the disk, in bytes: what is allotted, so that a file with holes counts for what it holds.
 *
 * Links are not followed. Stops once it is over `atMost`, which bounds what one look costs: some 20 µs a file. What goes
 * away meanwhile, or may not be read, counts for nothing.
 */
export async function folderSize(folders: readonly string[], atMost = Number.POSITIVE_INFINITY): Promise<number> {
  const open = [...folders];
  let bytes = 0;
  for (let folder = open.pop(); folder !== undefined && bytes <= atMost; folder = open.pop()) {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    for (let i = 0; i < entries.length && bytes <= atMost; i += atOnce) {
      const some = entries.slice(i, i + atOnce);
      for (const entry of some) if (entry.isDirectory()) open.push(join(folder, entry.name));
      const sizes = await Promise.all(some.map(({ name }) => allotted(join(folder, name))));
      bytes += sizes.reduce((sum, size) => sum + size, 0);
    }
  }
  return bytes;
}

/** A block is 512 bytes here, whatever the file system's own is. See stat(2). */
const blockBytes = 512;

/** A file with several names counts in part for each of them. */
async function allotted(path: string): Promise<number> {
  const stats = await lstat(path).catch(() => null);
  if (!stats) return 0;
  return (stats.blocks * blockBytes) / (stats.isDirectory() ? 1 : Math.max(1, stats.nlink));
}
