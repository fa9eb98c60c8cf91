/** What the tests of the SQLite journal share. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { TestContext } from "node:test";
import { chunks, fill, ttlMs } from "../contract/bed.ts";
import type { Journal } from "../journal.ts";
import { openSqliteJournal } from "./sqlite-journal.ts";

export function journalPath(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "godel-journal-"));
  context.after(() => rmSync(folder, { recursive: true }));
  return join(folder, "journal.db");
}

export function opened(context: TestContext, path: string): Journal {
  const journal = openSqliteJournal(path);
  context.after(() => journal.close());
  return journal;
}

/** Path of a closed journal with these batches, and with `snapshot` of its first event. */
export async function written(context: TestContext, batches: readonly string[], snapshot?: string): Promise<string> {
  const path = journalPath(context);
  const journal = openSqliteJournal(path);
  const { epoch } = await journal.acquire("engine", ttlMs);
  await fill(journal, epoch, batches);
  if (snapshot !== undefined) await journal.saveSnapshot(epoch, 1n, chunks(snapshot));
  await journal.close();
  return path;
}

export function edit(path: string, statement: string): void {
  const database = new DatabaseSync(path);
  database.exec(statement);
  database.close();
}

export function snapshotsBeside(path: string): string[] {
  return readdirSync(join(path, "..")).filter((name) => name.includes(".snapshot-"));
}
