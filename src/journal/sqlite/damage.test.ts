import { deepEqual, equal, rejects, throws } from "node:assert/strict";
import { rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { brief, contentOf } from "../contract/bed.ts";
import { edit, journalPath, opened, snapshotsBeside, written } from "./bed.testing.ts";
import { openSqliteJournal } from "./sqlite-journal.ts";

test("names the event at a row that fails its checksum, after all rows before it", async (context) => {
  for (const [column, value] of [
    ["events", `replace(events, '"at":1', '"at":2')`],
    ["epoch", "epoch + 1"],
    ["batchId", "'another'"],
  ]) {
    const path = await written(context, ["a", "bc", "d"]);
    edit(path, `UPDATE batches SET ${column} = ${value} WHERE seq = 3`);
    const journal = opened(context, path);
    const reader = journal.read(0n)[Symbol.asyncIterator]();
    equal((await reader.next()).value.seq, 1n);
    await rejects(reader.next(), { code: "JOURNAL_CORRUPT", message: /at event 2:/ });
    deepEqual(await brief(journal.read(3n)), ["4:d"]);
  }
});

test("names the first event of a gap, at the start and in the middle", async (context) => {
  for (const [lost, event] of [
    [1, 1],
    [3, 2],
  ]) {
    const path = await written(context, ["a", "bc", "d"]);
    edit(path, `DELETE FROM batches WHERE seq = ${lost}`);
    const message = new RegExp(`damaged at event ${event}:`);
    await rejects(brief(opened(context, path).read(0n)), { code: "JOURNAL_CORRUPT", message });
  }
});

test("refuses a file that is no database, and leaves it as it is", (context) => {
  const path = journalPath(context);
  writeFileSync(path, "not a database, but long enough to be read as the header of one: ".repeat(20));
  const size = statSync(path).size;
  throws(() => openSqliteJournal(path), { code: "JOURNAL_CORRUPT" });
  equal(statSync(path).size, size);
});

test("refuses the format of a newer godel", async (context) => {
  const path = await written(context, ["a"]);
  edit(path, "UPDATE meta SET version = 9");
  throws(() => openSqliteJournal(path), { code: "JOURNAL_VERSION", message: /format 9; this godel reads up to \d/ });
});

test("refuses a snapshot that is shorter than what was written, or gone", async (context) => {
  const path = await written(context, ["a"], "state");
  const file = join(path, "..", snapshotsBeside(path)[0] ?? "");
  truncateSync(file, 4);
  const journal = opened(context, path);
  await rejects(async () => contentOf(await journal.latestSnapshot()), { code: "JOURNAL_CORRUPT", message: /event 1/ });
  rmSync(file);
  await rejects(async () => contentOf(await journal.latestSnapshot()), { code: "JOURNAL_CORRUPT", message: /is gone/ });
});
