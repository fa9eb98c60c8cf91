/** What a damaged end of the journal comes to: cut where nothing follows it, refused where something does. */
import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { brief, chunks, fill, queued, ttlMs } from "../contract/bed.ts";
import { edit, opened, written } from "./bed.testing.ts";
import { openSqliteJournal } from "./sqlite-journal.ts";

/** Damages of one row, any of which its checksum tells. */
const damages = {
  "a letter of its events": `events = replace(events, '"at":1', '"at":2')`,
  "events cut short": "events = substr(events, 1, 20)",
  "no events": "events = ''",
  garbage: "events = hex(randomblob(500))",
  "its count": "count = 9",
  "its epoch": "epoch = epoch + 1",
  "its name": "batchId = 'another'",
  "its checksum": "crc = crc + 1",
};

for (const [what, damage] of Object.entries(damages)) {
  test(`the newest batch is cut, with a report, when this is wrong: ${what}`, async (context) => {
    const path = await written(context, ["a", "bc", "d"]);
    edit(path, `UPDATE batches SET ${damage} WHERE seq = 4`);
    const journal = opened(context, path);
    const { epoch, mended } = await journal.acquire("engine", ttlMs);
    equal(mended.length, 1);
    match(mended[0] ?? "", /events 4 to 4, failed its checksum and was cut off: the journal ends at event 3/);
    deepEqual(await brief(journal.read(0n)), ["1:a", "3:bc"]);
    equal(await journal.append(epoch, 3n, "b3", queued("e")), 4n);
    await journal.close();
    deepEqual((await opened(context, path).acquire("next", ttlMs)).mended, []);
  });

  test(`an older batch is refused, and nothing is cut, when this is wrong: ${what}`, async (context) => {
    const path = await written(context, ["a", "bc", "d"]);
    edit(path, `UPDATE batches SET ${damage} WHERE seq = 3`);
    const journal = opened(context, path);
    deepEqual((await journal.acquire("engine", ttlMs)).mended, []);
    await rejects(brief(journal.read(0n)), { code: "JOURNAL_CORRUPT" });
    deepEqual(await brief(journal.read(3n)), ["4:d"]);
  });
}

test("two damaged batches in a row are refused, also at the next start", async (context) => {
  const path = await written(context, ["a", "b", "c"]);
  edit(path, "UPDATE batches SET crc = 0 WHERE seq > 1");
  for (const start of [1, 2]) {
    const journal = opened(context, path);
    deepEqual((await journal.acquire(`start ${start}`, ttlMs)).mended, []);
    await rejects(brief(journal.read(0n)), { code: "JOURNAL_CORRUPT", message: /at event 2:/ });
    await journal.close();
  }
});

test("a damaged batch that the last snapshot includes is not needed, and not cut", async (context) => {
  const path = await written(context, ["a"], "state");
  edit(path, "UPDATE batches SET crc = 0");
  const journal = opened(context, path);
  const { epoch, mended } = await journal.acquire("engine", ttlMs);
  deepEqual([mended, await brief(journal.read(1n))], [[], []]);
  equal(await journal.append(epoch, 1n, "b2", queued("b")), 2n);
});

test("a damaged batch that a snapshot includes in part is refused", async (context) => {
  const path = await written(context, ["ab"], "state of its first event");
  edit(path, "UPDATE batches SET crc = 0");
  const journal = opened(context, path);
  deepEqual((await journal.acquire("engine", ttlMs)).mended, []);
  await rejects(brief(journal.read(1n)), { code: "JOURNAL_CORRUPT" });
});

test("a journal goes on where it ended when its only batch is cut after all others were forgotten", async (context) => {
  const path = await written(context, []);
  const first = opened(context, path);
  const { epoch } = await first.acquire("engine", ttlMs);
  await fill(first, epoch, ["a", "b", "c"]);
  await first.saveSnapshot(epoch, 2n, chunks("ab"));
  await first.truncate(epoch, 2n);
  await first.close();
  edit(path, "UPDATE batches SET crc = 0");
  const journal = opened(context, path);
  const lead = await journal.acquire("engine", ttlMs);
  match(lead.mended[0] ?? "", /ends at event 2/);
  deepEqual(await brief(journal.read(2n)), []);
  await rejects(journal.append(lead.epoch, 0n, "x", queued("x")), { code: "JOURNAL_CONFLICT", message: /is 2/ });
  equal(await journal.append(lead.epoch, 2n, "b3", queued("d")), 3n);
  deepEqual(await brief(journal.read(2n)), ["3:d"]);
});

// The rest damages SQLite's log, as a power cut or a bad disk would. A commit counts when all of its frames are whole.

/** From one offset to the next. `GODEL_TEST_EVERY_BYTE=1` takes them all, which lasts for minutes. */
const stepBytes = process.env.GODEL_TEST_EVERY_BYTE ? 1 : 601;
const logHeader = 32;
const frame = 24 + 4096;

test("a log that is cut at any offset gives a prefix of the batches, with all whose frames are whole", async (context) => {
  const life = await crashed(context);
  const offsets = new Set<number>();
  for (let at = 0; at <= life.log.length; at += stepBytes) offsets.add(at);
  for (let at = 0; at <= logHeader; at++) offsets.add(at);
  for (let end = logHeader; end <= life.log.length; end += frame) {
    for (const near of [-1, 0, 1, 8, 23, 24, 25]) offsets.add(end + near);
  }
  for (const offset of [...offsets].filter((at) => at <= life.log.length)) {
    const whole = life.ends.filter((end) => end <= offset).length;
    deepEqual(
      await life.openedWith(life.log.subarray(0, offset)),
      life.batches.slice(0, life.kept + whole),
      `cut at ${offset}`,
    );
  }
});

test("a log with garbage anywhere gives a prefix of the batches, with all that end before it", async (context) => {
  const life = await crashed(context);
  for (let offset = 0; offset < life.log.length; offset += 397) {
    const log = Buffer.from(life.log);
    log.writeUInt8(log.readUInt8(offset) ^ 0x5a, offset);
    const found = await life.openedWith(log);
    const whole = life.ends.filter((end) => end <= offset).length;
    deepEqual(found, life.batches.slice(0, found.length), `garbage at ${offset}`);
    equal(found.length >= life.kept + whole, true, `garbage at ${offset} lost a whole batch`);
  }
});

/** A journal of three batches in its file and eight more in its log, as it is when the engine is killed. */
async function crashed(context: Parameters<typeof written>[0]) {
  const path = await written(context, ["a", "bc", "d"]);
  const journal = openSqliteJournal(path);
  const { epoch } = await journal.acquire("engine", ttlMs);
  const ends: number[] = [];
  const batches = ["1:a", "3:bc", "4:d"];
  let seq = 4n;
  for (const tasks of ["e", "fg", "h".repeat(90), "i", "jkl", "m", "n".repeat(40), "o"]) {
    seq = await journal.append(epoch, seq, `b${seq}`, queued(tasks));
    ends.push(statSync(`${path}-wal`).size);
    batches.push(`${seq}:${tasks}`);
  }
  const folder = mkdtempSync(join(tmpdir(), "godel-log-"));
  context.after(() => rmSync(folder, { recursive: true }));
  cpSync(path, join(folder, "file"));
  const log = readFileSync(`${path}-wal`);
  await journal.close();
  return {
    ends,
    batches,
    kept: 3,
    log,
    /** The batches of the journal with this log in place of its own. */
    async openedWith(bytes: Uint8Array): Promise<string[]> {
      const home = join(folder, "home");
      mkdirSync(home);
      const copy = join(home, "journal.db");
      cpSync(join(folder, "file"), copy);
      writeFileSync(`${copy}-wal`, bytes);
      const again = openSqliteJournal(copy);
      const found = await brief(again.read(0n));
      await again.close();
      rmSync(home, { recursive: true });
      return found;
    },
  };
}
