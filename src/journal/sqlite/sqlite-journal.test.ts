import { deepEqual, equal, rejects, throws } from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { brief, chunks, contentOf, fill, queued, ttlMs } from "../contract/bed.ts";
import { journalContract } from "../contract.ts";
import { journalPath, opened, snapshotsBeside, written } from "./bed.testing.ts";
import { openSqliteJournal } from "./sqlite-journal.ts";
import { readSqliteJournal } from "./sqlite-reader.ts";

for (const inThread of [false, true]) {
  journalContract(inThread ? "sqlite, written in a thread" : "sqlite", (context) => {
    const path = journalPath(context);
    return { open: () => openSqliteJournal(path, { inThread }), depose: () => rmSync(`${path}.lock`) };
  });
}

test("refuses a folder that does not exist, an unknown option and one out of range", (context) => {
  const path = journalPath(context);
  throws(() => openSqliteJournal("/nonexistent/journal.db"), { code: "HOME_UNUSABLE" });
  throws(() => openSqliteJournal(path, { pageBatch: 1 } as object), { code: "OPTION_UNKNOWN", message: /pageBatches/ });
  throws(() => openSqliteJournal(path, { pageBatches: 0 }), { code: "OPTION_RANGE" });
});

test("keeps two snapshot files, and the next leader sweeps what a crash left", async (context) => {
  const path = await written(context, ["a"], "state");
  const kept = snapshotsBeside(path);
  equal(kept.length, 1);
  writeFileSync(`${path}.snapshot-9-sorphan`, "half");
  const journal = opened(context, path);
  const { epoch } = await journal.acquire("engine", ttlMs);
  deepEqual(snapshotsBeside(path), kept);

  await rejects(journal.saveSnapshot(epoch, 1n, failing()), { message: "no more" });
  deepEqual(snapshotsBeside(path), kept);
  for (const text of ["new", "newer", "newest"]) await journal.saveSnapshot(epoch, 1n, chunks(text));
  equal(snapshotsBeside(path).length, 2);
  equal(snapshotsBeside(path).includes(kept[0] ?? ""), false);
});

test("truncates in steps, each a transaction, and takes appends in between", async (context) => {
  const journal = openSqliteJournal(journalPath(context), { truncateEvents: 2, pageBatches: 3 });
  context.after(() => journal.close());
  const { epoch } = await journal.acquire("engine", ttlMs);
  const last = await fill(journal, epoch, [..."abcdefg"]);
  await journal.saveSnapshot(epoch, last, chunks("state"));
  const truncated = journal.truncate(epoch, last);
  await journal.append(epoch, last, "during", queued("h"));
  await truncated;
  deepEqual(await brief(journal.read(last)), ["8:h"]);
});

test("is read by another connection while it is written", async (context) => {
  const path = await written(context, ["a", "bc"], "state");
  const reader = readSqliteJournal(path);
  context.after(() => reader.close());
  const journal = opened(context, path);
  const { epoch } = await journal.acquire("engine", ttlMs);
  await journal.append(epoch, 3n, "more", queued("d"));
  deepEqual(await brief(reader.read(1n)), ["3:bc", "4:d"]);
  equal(await contentOf(await reader.latestSnapshot()), "1:state");
  await reader.close();
  await rejects(async () => brief(reader.read(0n)), { name: "AssertionError" });
  throws(() => readSqliteJournal(`${path}.absent`), { code: "HOME_UNUSABLE" });
});

async function* failing(): AsyncGenerator<Uint8Array> {
  yield Buffer.from("half");
  throw new Error("no more");
}
