/** What `godel up` does with a journal that a crash or a disk has damaged. */
import { equal, match } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { engineHome, godel } from "./command.testing.ts";

/** A home whose engine was killed, with `damage` done to its journal; `$newest` in it is the newest event. */
async function killedHome(t: TestContext, damage: string): Promise<string> {
  const home = engineHome(t);
  const { pid } = JSON.parse((await godel(home, "up", "--json")).out);
  process.kill(pid, "SIGKILL");
  // Its process may hold the file for a moment more; the node is ended with it.
  await godel(home, "down");
  const journal = new DatabaseSync(join(home, "journal.db"));
  const { changes } = journal.prepare(damage).run();
  journal.close();
  equal(Number(changes), 1);
  return home;
}

test("up cuts a damaged newest commit, goes on, and says in engine.log what it cut", async (t) => {
  const home = await killedHome(t, "UPDATE batches SET events = 'x' WHERE seq = (SELECT max(seq) FROM batches)");
  equal((await godel(home, "up")).code, 0);
  const log = readFileSync(join(home, "engine.log"), "utf8");
  match(
    JSON.parse(log.split("\n", 1)[0] ?? "").msg,
    /^the newest batch of the journal, events \d+ to \d+, failed its checksum and was cut off/,
  );
});

test("up refuses a journal that is damaged in the middle, changes nothing, and says what to do", async (t) => {
  const home = await killedHome(t, "UPDATE batches SET events = 'x' WHERE seq = 1");
  for (let start = 0; start < 2; start++) {
    const { code, err } = await godel(home, "up");
    equal(code, 3);
    match(err, /the journal is damaged at event 1: .*\n {2}Keep the folder, and run `godel restore FILE --force`/);
  }
});
