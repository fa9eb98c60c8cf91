/**
 * What brings the file of an older format to this one, a step a format. Each step is in the same transaction as all others.
 *
 * 1  the last snapshot stood in `meta`
 * 2  the last two stand in `snapshots`
 * 3  what left the state stands in `kept`; an event says that it left
 */
import type { DatabaseSync } from "node:sqlite";
import { assert } from "../../lib/assert.ts";

/** `steps[n]` leads from format n to the next. */
const steps: Readonly<Record<number, string>> = {
  1: `
    INSERT INTO snapshots (seq, file, bytes, crc)
      SELECT snapshotSeq, snapshotFile, snapshotBytes, snapshotCrc FROM meta WHERE snapshotFile IS NOT NULL;
    ALTER TABLE meta DROP COLUMN snapshotSeq;
    ALTER TABLE meta DROP COLUMN snapshotFile;
    ALTER TABLE meta DROP COLUMN snapshotBytes;
    ALTER TABLE meta DROP COLUMN snapshotCrc;
  `,
  // The table is new, and empty.
  2: "",
};

/** Within a transaction, and with every table of the newest format there. */
export function upgrade(database: DatabaseSync, from: number, to: number): void {
  for (let version = from; version < to; version++) {
    const step = steps[version];
    assert(step !== undefined, `no way leads on from format ${version}`);
    database.exec(step);
  }
  database.prepare("UPDATE meta SET version = ?").run(to);
}
