/** Every statement of the journal, prepared once. */
import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { BatchRow } from "./rows.ts";

export interface Meta {
  epoch: bigint;
  forgotten: bigint;
  snapshotSeq: bigint;
  snapshotFile: string | null;
  snapshotBytes: bigint;
  snapshotCrc: bigint;
}

/** What replaces the snapshot in meta, if `epoch` still leads. */
export type SnapshotRow = Pick<Meta, "epoch" | "snapshotSeq" | "snapshotFile" | "snapshotBytes" | "snapshotCrc">;

export type Statements = ReturnType<typeof prepareStatements>;

const lastSeq = "coalesce((SELECT max(seq) FROM batches), 0)";

// Each conditional write is a single statement, so its check and its write are one transaction without BEGIN and COMMIT.
const sql = {
  meta: "SELECT * FROM meta",
  lead: "UPDATE meta SET epoch = epoch + 1 RETURNING epoch",
  append: `INSERT INTO batches (seq, count, epoch, batchId, events, crc)
    SELECT :seq, :count, :epoch, :batchId, :events, :crc FROM meta WHERE epoch = :epoch AND epoch > 0
    AND ${lastSeq} = :seq - :count`,
  newest: "SELECT seq, count, batchId FROM batches ORDER BY seq DESC LIMIT 1",
  oldest: "SELECT seq, count FROM batches ORDER BY seq LIMIT 1",
  page: "SELECT * FROM batches WHERE seq > ? ORDER BY seq LIMIT ?",
  saveSnapshot: `UPDATE meta SET snapshotSeq = :snapshotSeq, snapshotFile = :snapshotFile, snapshotBytes = :snapshotBytes,
    snapshotCrc = :snapshotCrc WHERE epoch = :epoch AND :snapshotSeq BETWEEN snapshotSeq AND ${lastSeq}`,
  // The newest batch always stays: it says where the journal ends and who wrote last.
  forget: `DELETE FROM batches WHERE seq IN (SELECT seq FROM batches
    WHERE seq <= :throughSeq AND seq < ${lastSeq} ORDER BY seq LIMIT :limit)`,
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
  const run = <T extends object>(text: string) => {
    const statement = prepared(text);
    return (values: T) => Number(statement.run(values as Record<string, SQLInputValue>).changes);
  };
  const page = prepared(sql.page);
  return {
    meta: row<Meta>(sql.meta),
    /** The new epoch. */
    lead: row<{ epoch: bigint }>(sql.lead),
    newest: row<Pick<BatchRow, "seq" | "count" | "batchId">>(sql.newest),
    oldest: row<Pick<BatchRow, "seq" | "count">>(sql.oldest),
    page: (fromSeq: bigint, rows: number) => page.all(fromSeq, rows) as unknown as BatchRow[],
    // The rest answer how many rows they wrote.
    /** 0 when the epoch or the last sequence number is another. */
    append: run<BatchRow>(sql.append),
    /** 0 when the epoch is another or `snapshotSeq` is out of place. */
    saveSnapshot: run<SnapshotRow>(sql.saveSnapshot),
    forget: run<{ throughSeq: bigint; limit: number }>(sql.forget),
    setForgotten: run<{ seq: bigint }>(sql.setForgotten),
  };
}
