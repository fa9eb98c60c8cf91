import { deepEqual, equal, match } from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { engineHome, finish, godel, newHome, start } from "./command.testing.ts";

/** Its exit code and what it says as JSON. */
async function run(home: string, ...args: string[]) {
  const { code, out } = await godel(home, ...args, "--json");
  return { code, said: JSON.parse(out) };
}

async function refusal(home: string, ...args: string[]) {
  const { code, said } = await run(home, ...args);
  return [code, said.error?.code];
}

test("backup works while the engine runs and while it is down, and restore brings the same back", async (t) => {
  const home = engineHome(t);
  const files = newHome(t);
  await godel(home, "up");
  const online = await run(home, "backup", files);
  equal(online.code, 0);
  match(online.said.path, /\/godel-\d{8}-\d{6}\.backup$/);
  equal(statSync(online.said.path).mode & 0o777, 0o600);
  equal(Number(online.said.seq) > 0, true);
  match(online.said.notIncluded.join(), /worktrees.*transcripts/);
  deepEqual(await refusal(home, "restore", online.said.path), [3, "ENGINE_RUNNING"]);

  await godel(home, "down");
  const offline = await run(home, "backup", "offline.backup");
  equal(offline.said.path, join(home, "offline.backup"));
  deepEqual(readdirSync(files).length, 1);

  const other = engineHome(t);
  const restored = await run(other, "restore", offline.said.path);
  deepEqual(restored.said, { seq: offline.said.seq, keptAside: null });
  equal((await godel(other, "up")).code, 0);
  equal((await godel(other, "team", "list")).code, 0);
  equal(readFileSync(join(other, "engine.log"), "utf8"), "");
});

test("backup replaces no file without --force, and leaves nothing behind when it cannot write", async (t) => {
  const home = engineHome(t);
  deepEqual(await refusal(home, "backup", "x"), [2, "JOURNAL_MISSING"]);
  await godel(home, "up");
  const files = newHome(t);
  const path = join(files, "mine");
  writeFileSync(path, "mine");
  chmodSync(path, 0o644);
  for (const state of ["up", "down"]) {
    deepEqual(await refusal(home, "backup", path), [2, "BACKUP_EXISTS"], state);
    equal(readFileSync(path, "utf8"), "mine");
    for (const file of [join(files, "absent/file"), join(home, "journal.db"), join(home, "journal.db-wal")]) {
      deepEqual(await refusal(home, "backup", file, "--force"), [2, "BACKUP_UNWRITABLE"], state);
    }
    if (state === "up") await godel(home, "down");
  }
  deepEqual(readdirSync(files), ["mine"]);
  equal((await run(home, "backup", path, "--force")).code, 0);
  equal(statSync(path).mode & 0o777, 0o600);
  deepEqual(readdirSync(files), ["mine"]);
});

test("restore refuses what is no backup and a home with a journal, and with --force keeps the old one aside", async (t) => {
  const home = engineHome(t);
  await godel(home, "up");
  await godel(home, "down");
  const path = join(newHome(t), "good");
  await run(home, "backup", path);
  const before = readdirSync(home).sort();

  const bad = join(newHome(t), "bad");
  writeFileSync(bad, readFileSync(path));
  truncateSync(bad, statSync(path).size - 4_096);
  writeFileSync(join(home, "no-backup"), "text");
  for (const file of [bad, join(home, "no-backup"), join(home, "absent"), join(home, "journal.db")]) {
    deepEqual(await refusal(home, "restore", file, "--force"), [2, "BACKUP_INVALID"], file);
  }
  deepEqual(await refusal(home, "restore", path), [2, "JOURNAL_EXISTS"]);
  deepEqual(readdirSync(home).sort(), [...before, "no-backup"].sort());

  const { code, said } = await run(home, "restore", path, "--force");
  equal(code, 0);
  equal(existsSync(join(said.keptAside, "journal.db")), true);
  equal(existsSync(join(said.keptAside, "outbox.db")), true);
  equal((await godel(home, "up")).code, 0);
});

test("restore is refused while a node outlives its engine, and down ends it", async (t) => {
  const home = engineHome(t);
  const { pid } = JSON.parse((await godel(home, "up", "--json")).out);
  const path = join(newHome(t), "b");
  await run(home, "backup", path);
  process.kill(pid, "SIGKILL");
  while (isAlive(pid)) await new Promise((resolve) => setImmediate(resolve));
  deepEqual(await refusal(home, "restore", path, "--force"), [3, "ENGINE_RUNNING"]);
  await godel(home, "down");
  equal((await run(home, "restore", path, "--force")).code, 0);
});

function isAlive(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8") !== "";
  } catch {
    return false;
  }
}

test("restore says where it is and what to do next, to people", async (t) => {
  const home = engineHome(t);
  await godel(home, "up");
  await godel(home, "down");
  const path = join(newHome(t), "b");
  match(
    (await godel(home, "backup", path)).out,
    /^Events up to \d+, with the last snapshots, are in .*\(.* kB\)\.\nNot in it: /,
  );
  const target = join(newHome(t), "new");
  mkdirSync(target);
  const { out, err } = await finish(start(target, ["restore", path]));
  match(out, /holds the events up to \d+ again\.\nGo on with: {2}godel up\n/);
  match(err, /Restoring… ✓/);
});
