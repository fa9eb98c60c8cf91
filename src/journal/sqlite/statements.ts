/** Every statement of the journal, prepared once. */
import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { KeptPart } from "../journal.ts";
import type { BatchRow } from "./rows.ts";

export interface Meta {
  version: bigint;
  epoch: bigint;
  forgotten: bigint;
}

export interface SnapshotRow {
  seq: bigint;
  /** Its name, in the folder of the journal. */
  file: string;
  bytes: bigint;
  crc: bigint;
}

export type KeptRow = KeptPart & { epoch: bigint; crc: bigint };
export type DropRow = { key: string; version: string; epoch: bigint };

export type Statements = ReturnType<typeof prepareStatements>;

// Of a journal whose only batch was cut off, `forgotten` still says where it ends.
const lastSeq = "max(coalesce((SELECT max(seq) FROM batches), 0), (SELECT forgotten FROM meta))";

// Each conditional write is a single statement, so its check and its write are one transaction without BEGIN and COMMIT.
const sql = {
  meta: "SELECT version, epoch, forgotten FROM meta",
  // With RETURNING, a commit that fails for want of disk would go unnoticed: node:sqlite has its row before it.
  lead: "UPDATE meta SET epoch = epoch + 1",
  append: `INSERT INTO batches (seq, count, epoch, batchId, events, crc)
    SELECT :seq, :count, :epoch, :batchId, :events, :crc FROM meta WHERE epoch = :epoch AND epoch > 0
    AND ${lastSeq} = :seq - :count`,
  last: `SELECT ${lastSeq} AS seq`,
  tail: "SELECT * FROM batches ORDER BY seq DESC LIMIT 2",
  cut: "DELETE FROM batches WHERE seq = :seq",
  newest: "SELECT seq, count, batchId FROM batches ORDER BY seq DESC LIMIT 1",
  oldest: "SELECT seq, count FROM batches ORDER BY seq LIMIT 1",
  page: "SELECT * FROM batches WHERE seq > ? ORDER BY seq LIMIT ?",
  snapshots: "SELECT seq, file, bytes, crc FROM snapshots ORDER BY id DESC LIMIT 2",
  addSnapshot: "INSERT INTO snapshots (seq, file, bytes, crc) VALUES (:seq, :file, :bytes, :crc)",
  dropSnapshots: "DELETE FROM snapshots WHERE id NOT IN (SELECT id FROM snapshots ORDER BY id DESC LIMIT 2)",
  // The newest batch always stays: it says where the journal ends and who wrote last.
  forget: `DELETE FROM batches WHERE seq <= :throughSeq AND seq < (SELECT max(seq) FROM batches)
    AND seq <= max((SELECT min(seq) FROM batches), (SELECT forgotten FROM meta) + :events)`,
  keep: `INSERT OR REPLACE INTO kept (key, version, part, bytes, crc)
    SELECT :key, :version, :part, :bytes, :crc FROM meta WHERE epoch = :epoch AND epoch > 0`,
  kept: "SELECT bytes, crc FROM kept WHERE key = ? AND version = ? AND part = ?",
  dropOthers: `DELETE FROM kept WHERE key = :key AND version <> :version
    AND EXISTS (SELECT 1 FROM meta WHERE epoch = :epoch AND epoch > 0)`,
  setForgotten: "UPDATE meta SET forgotten = :seq",
} as const;

export function prepareStatements(database: DatabaseSync) {
  const prepared = (text: string) => {
    const statement = database.prepare(text);
    statement.setReadBigInts(true);
    return statement;
  };
  const row = <T>(text: string) => {
    const statement = prepared(text);
    return () => statement.get() as unknown as T | undefined;
  };
  const rows = <T>(text: string) => {
    const statement = prepared(text);
    return () => statement.all() as unknown as T[];
  };
  const run = <T extends object>(text: string) => {
    const statement = prepared(text);
    return (values: T) => Number(statement.run(values as Record<string, SQLInputValue>).changes);
  };
  const page = prepared(sql.page);
  const kept = prepared(sql.kept);
  return {
    meta: row<Meta>(sql.meta),
    last: row<{ seq: bigint }>(sql.last),
    newest: row<Pick<BatchRow, "seq" | "count" | "batchId">>(sql.newest),
    oldest: row<Pick<BatchRow, "seq" | "count">>(sql.oldest),
    /** The newest two batches, the newest first. */
    tail: rows<BatchRow>(sql.tail),
    page: (fromSeq: bigint, limit: number) => page.all(fromSeq, limit) as unknown as BatchRow[],
    /** The newest first. */
    snapshots: rows<SnapshotRow>(sql.snapshots),
    // The rest answer how many rows they wrote.
    /** A new epoch. */
    lead: run<object>(sql.lead),
    /** 0 when the epoch or the last sequence number is another. */
    append: run<BatchRow>(sql.append),
    addSnapshot: run<SnapshotRow>(sql.addSnapshot),
    /** All but the newest two. */
    dropSnapshots: run<object>(sql.dropSnapshots),
    /** 0 when the epoch is another. */
    keep: run<KeptRow>(sql.keep),
    kept: (key: string, version: string, part: number) =>
      kept.get(key, version, part) as unknown as { bytes: Uint8Array; crc: bigint } | undefined,
    dropOthers: run<DropRow>(sql.dropOthers),
    cut: run<{ seq: bigint }>(sql.cut),
    forget: run<{ throughSeq: bigint; events: number }>(sql.forget),
    setForgotten: run<{ seq: bigint }>(sql.setForgotten),
  };
}
