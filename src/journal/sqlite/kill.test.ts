import { deepEqual, equal, ok } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { chunks, contentOf, queued, ttlMs } from "../contract/bed.ts";
import { journalPath } from "./bed.testing.ts";
import { openSqliteJournal } from "./sqlite-journal.ts";

/** Events of each batch of the child. */
const batchEvents = 3n;
/** Acknowledged batches after which the child is killed, each in a run of its own on the same journal. */
const killAfter = [1, 2, 40, 7, 300, 25];

// This file is also the child that appends until it is killed.
if (process.argv[2] !== undefined) await appendForever(process.argv[2]);
else test("keeps every acknowledged batch, and frees its lock, however often it is killed", surviveKills);

async function surviveKills(context: Parameters<typeof journalPath>[0]): Promise<void> {
  const path = journalPath(context);
  for (const [run, batches] of killAfter.entries()) {
    const acknowledged = await killedAfter(path, batches);
    const journal = openSqliteJournal(path);
    const { epoch } = await journal.acquire("after the kill", ttlMs);
    equal(epoch, BigInt(run + 1) * 2n);
    ok((await lastOf(path)) >= acknowledged, `run ${run} lost a batch that was acknowledged`);
    await journal.close();
  }
}

/** The last sequence number that the child printed before it was killed. */
async function killedAfter(path: string, batches: number): Promise<bigint> {
  const child = spawn(process.execPath, [import.meta.filename, path], { stdio: ["ignore", "pipe", "inherit"] });
  let lines = 0;
  let last = 0n;
  for await (const line of createInterface({ input: child.stdout })) {
    last = BigInt(line);
    if (++lines === batches) child.kill("SIGKILL");
  }
  if (child.signalCode === null) await once(child, "exit");
  equal(child.signalCode, "SIGKILL");
  return last;
}

/** The last event of a journal whose snapshot and batches fit together. */
async function lastOf(path: string): Promise<bigint> {
  const journal = openSqliteJournal(path);
  const snapshot = await journal.latestSnapshot();
  let last = snapshot?.seq ?? 0n;
  if (snapshot) equal(await contentOf(snapshot), `${last}:state at ${last}`);
  for await (const batch of journal.read(last)) {
    deepEqual(batch.events, queued("abc"));
    equal(batch.seq, last + batchEvents);
    last = batch.seq;
  }
  await journal.close();
  return last;
}

/** Appends, and snapshots and truncates now and then; prints each sequence number once it is acknowledged. */
async function appendForever(path: string): Promise<never> {
  const journal = openSqliteJournal(path, { inThread: true });
  const { epoch } = await journal.acquire("child", ttlMs);
  let seq = await lastOf(path);
  for (let batch = 1; ; batch++) {
    seq = await journal.append(epoch, seq, `b${seq}`, queued("abc"));
    writeSync(1, `${seq}\n`);
    if (batch % 20 !== 0) continue;
    await journal.saveSnapshot(epoch, seq, chunks("state ", `at ${seq}`));
    await journal.truncate(epoch, seq);
  }
}
