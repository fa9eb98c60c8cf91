import { deepEqual, equal, rejects } from "node:assert/strict";
import { readdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { mountSmallDisk, unmountDisk } from "../../lib/small-disk.testing.ts";
import { brief, chunks, contentOf, fill, queued, ttlMs } from "../contract/bed.ts";
import { journalPath } from "./bed.testing.ts";
import { openSqliteJournal } from "./sqlite-journal.ts";

const large = queued("x".repeat(4_000));

for (const inThread of [false, true]) {
  const where = inThread ? ", in its thread" : "";
  test(`says that the disk is full, writes nothing then, and goes on once there is space${where}`, async (context) => {
    const folder = dirname(journalPath(context));
    if (!mountSmallDisk(folder, "1500k")) return context.skip("needs the right to mount a tmpfs");
    try {
      await fillDisk(folder, inThread);
    } finally {
      unmountDisk(folder);
    }
  });
}

async function fillDisk(folder: string, inThread: boolean): Promise<void> {
  const ballast = join(folder, "ballast");
  writeFileSync(ballast, Buffer.alloc(1_200_000));
  const journal = openSqliteJournal(join(folder, "journal.db"), { inThread });
  try {
    const { epoch } = await journal.acquire("engine", ttlMs);
    const last = await fill(journal, epoch, ["ab", "c"]);
    await journal.saveSnapshot(epoch, last, chunks("old"));
    const files = readdirSync(folder);

    await rejects(journal.append(epoch, last, "large", large), { code: "DISK_FULL" });
    await rejects(journal.saveSnapshot(epoch, last, oneMegabyte()), { code: "DISK_FULL" });
    deepEqual(await brief(journal.read(0n)), ["2:ab", "3:c"]);
    equal(await contentOf(await journal.latestSnapshot()), "3:old");
    deepEqual(readdirSync(folder), files);

    writeFileSync(join(folder, "last"), Buffer.alloc(restOf(folder)));
    let led = epoch;
    // What the file has taken of the disk holds some more.
    await rejects(
      async () => {
        for (let i = 0; i < 2_000; i++) led = (await journal.acquire("engine", ttlMs)).epoch;
      },
      { code: "DISK_FULL" },
    );

    rmSync(ballast);
    equal((await journal.acquire("engine", ttlMs)).epoch, led + 1n);
    equal(await journal.append(led + 1n, last, "large", large), last + BigInt(large.length));
  } finally {
    await journal.close();
  }
}

/** Bytes that still fit on the disk of `folder`. */
function restOf(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

async function* oneMegabyte(): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < 16; i++) yield Buffer.alloc(65_536);
}
