/** A journal of each released format, as it was written then, is opened by this version and goes on. */
import { deepEqual, equal } from "node:assert/strict";
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type Expected, statesOf } from "../scripts/journal-fixture.ts";
import { Engine } from "../src/engine/engine.ts";
import { replay } from "../src/engine/replay.ts";
import { openSqliteJournal } from "../src/journal/index.ts";
import { formatVersion } from "../src/journal/sqlite/database.ts";
import { systemClock } from "../src/lib/clock.ts";
import { seededRandom } from "../src/lib/random.ts";

const fixtures = join(import.meta.dirname, "fixtures");
const versions = Array.from({ length: formatVersion }, (_, index) => index + 1);

test("there is a journal of every format up to this one's; `node scripts/journal-fixture.ts` writes the newest", () => {
  const folders = versions.map((version) => `journal-v${version}`);
  deepEqual(globSync("journal-v*", { cwd: fixtures }).sort(), folders.sort());
});

for (const version of versions) {
  test(`a journal of format ${version} is opened with all that it holds, goes on, and is opened again`, async (context) => {
    const folder = mkdtempSync(join(tmpdir(), "godel-upgrade-"));
    context.after(() => rmSync(folder, { recursive: true }));
    cpSync(join(fixtures, `journal-v${version}`), folder, { recursive: true });
    const expected: Expected = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8"));
    const path = join(folder, "journal.db");

    const journal = openSqliteJournal(path);
    const { state, seq, snapshotSeq } = await replay(journal);
    deepEqual([String(seq), String(snapshotSeq)], [expected.seq, expected.snapshotSeq]);
    deepEqual(statesOf(state), expected.states);
    const wholeAgain = await replay({
      latestSnapshot: none,
      previousSnapshot: none,
      read: (from) => journal.read(from),
    });
    deepEqual(statesOf(wholeAgain.state), expected.states);
    await journal.close();

    for (const run of [1, 2]) {
      const engine = await Engine.open({
        journal: openSqliteJournal(path),
        clock: systemClock,
        random: seededRandom(run),
        onFatal(error) {
          throw error;
        },
      });
      await engine.submit({ type: "retryTask", task: "t1/lint" }).catch(() => {});
      equal(engine.state.tasks.get("t1/lint")?.state === "cancelled", false);
      equal(engine.seq > BigInt(expected.seq), true);
      await engine.close();
    }
  });
}

async function none(): Promise<null> {
  return null;
}
