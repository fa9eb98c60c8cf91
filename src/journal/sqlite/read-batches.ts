import { present } from "../../lib/assert.ts";
import type { Batch } from "../journal.ts";
import { forgotten } from "../refusals.ts";
import { translated } from "./failures.ts";
import { type BatchRow, corrupt, firstOf, fromRow } from "./rows.ts";
import type { Statements } from "./statements.ts";

/**
 * The batches with events after `fromSeq`, `pageBatches` rows at a time.
 *
 * Each page is a read of its own: a cursor kept open would stop SQLite from reusing its log, and two readers may not
 * share a prepared statement. So a truncate may come in between, which is told from damage by `meta.forgotten`.
 * @throws GodelError JOURNAL_CORRUPT at a gap or a damaged row, JOURNAL_CONFLICT when events after `fromSeq` were truncated
 */
export async function* readBatches(
  statements: Statements,
  path: string,
  fromSeq: bigint,
  pageBatches: number,
): AsyncGenerator<Batch> {
  let seq = fromSeq;
  for (;;) {
    const rows = translated(path, () => statements.page(seq, pageBatches));
    for (const row of rows) {
      checkNext(statements, seq, row, seq === fromSeq);
      yield fromRow(row);
      seq = row.seq;
    }
    if (rows.length < pageBatches) return;
  }
}

/** The first batch may begin before the event that the reader knows last; every other follows the one before it. */
function checkNext(statements: Statements, seq: bigint, row: BatchRow, isFirst: boolean): void {
  const first = firstOf(row);
  if (first === seq + 1n || (isFirst && first <= seq)) return;
  const { forgotten: through } = present(statements.meta(), "the meta row");
  if (seq < through) throw forgotten(seq, through);
  throw corrupt(seq + 1n, first > seq ? `events up to ${first - 1n} are missing` : `event ${first} is there twice`);
}
