import { deepEqual, equal, match, throws } from "node:assert/strict";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { ManualClock } from "../lib/manual-clock.testing.ts";
import { mountSmallDisk, unmountDisk } from "../lib/small-disk.testing.ts";
import { noUsage } from "../model/usage.ts";
import type { Entry } from "./ledger-entries.ts";
import { openLedgerFile } from "./ledger-file.ts";

const payer = { attempt: "t/k/1", task: "t/k", team: "t" };
const reserved = (id: number): Entry => ({ type: "reserved", id, at: 1, worst: noUsage, ...payer });

function setting(t: TestContext) {
  const dir = mkdtempSync(join(tmpdir(), "godel-ledger-"));
  t.after(() => rmSync(dir, { recursive: true }));
  const path = join(dir, "ledger.log");
  const lines: string[] = [];
  return { path, lines, open: () => openLedgerFile(path, new ManualClock(), (line) => lines.push(line)) };
}

test("what was appended is there for the next process, without a word to the disk in between", (t) => {
  const { open, path, lines } = setting(t);
  const ledger = open();
  deepEqual(ledger.load(), []);
  for (const id of [1, 2, 3]) ledger.append(reserved(id));
  deepEqual(open().load(), [1, 2, 3].map(reserved));
  equal(statSync(path).mode & 0o777, 0o600);
  deepEqual(lines, []);
});

test("a line that was torn, wherever, is cut off, and the next entry is whole", (t) => {
  const { open, path } = setting(t);
  const whole = open();
  whole.load();
  whole.append(reserved(1));
  const kept = readFileSync(path);
  whole.append(reserved(2));
  const all = readFileSync(path);
  for (let length = kept.length; length < all.length; length++) {
    writeFileSync(path, all.subarray(0, length));
    const ledger = open();
    deepEqual(ledger.load(), [reserved(1)]);
    ledger.append(reserved(3));
    deepEqual(open().load(), [1, 3].map(reserved));
  }
});

test("an entry that is not what was written is left out and told, and those behind it are read", (t) => {
  const { open, path, lines } = setting(t);
  const ledger = open();
  ledger.load();
  ledger.append(reserved(1));
  appendFileSync(path, "00000000 {}\n");
  open().append(reserved(2));
  deepEqual(open().load(), [1, 2].map(reserved));
  match(lines.join(), /1 entries are damaged/);
});

test("a ledger that is written anew holds what it was given, and goes on", (t) => {
  const { open } = setting(t);
  const ledger = open();
  ledger.load();
  for (const id of [1, 2, 3]) ledger.append(reserved(id));
  ledger.rewrite([reserved(9)]);
  ledger.append(reserved(10));
  deepEqual(open().load(), [9, 10].map(reserved));
});

test("a full disk is said, and leaves no half a line", (t) => {
  const disk = mkdtempSync(join(tmpdir(), "godel-small-"));
  const mounted = mountSmallDisk(disk, "64k");
  t.after(() => {
    if (mounted) unmountDisk(disk);
    rmSync(disk, { recursive: true, force: true });
  });
  if (!mounted) return t.skip("this user may not mount a small disk");
  const path = join(disk, "ledger.log");
  const ledger = openLedgerFile(path, new ManualClock(), () => {});
  ledger.load();
  let count = 0;
  const fill = () => {
    for (;;) {
      ledger.append(reserved(count + 1));
      count++;
    }
  };
  throws(fill, { code: "DISK_FULL" });
  equal(openLedgerFile(path, new ManualClock(), () => {}).load().length, count);
});
