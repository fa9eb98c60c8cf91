/**
 * The end of the journal after a crash of the machine.
 *
 * A torn write is SQLite's own matter: a commit whose frames are not all in the log, each with its checksum, has not
 * happened. What is left is a batch that SQLite holds to be committed and that is not what was written. When it is the
 * newest, nothing was built on it, and it is cut. When others follow it, or a snapshot includes it in part, cutting
 * would take what is whole: it stays, and reading refuses it.
 */
import type { DatabaseSync } from "node:sqlite";
import { transaction } from "./database.ts";
import { isWhole } from "./rows.ts";
import type { Statements } from "./statements.ts";

/** Cuts the newest batch if it is damaged, and says what was cut; null when there was nothing to do, or nothing to be done. */
export function cutTail(database: DatabaseSync, statements: Statements): string | null {
  return transaction(database, () => {
    const [newest, before] = statements.tail();
    if (!newest || isWhole(newest) || (before && !isWhole(before))) return null;
    const included = statements.snapshots()[0]?.seq ?? 0n;
    // The row's own numbers are not to be trusted: it begins where the one before it ends.
    const forgotten = statements.meta()?.forgotten ?? 0n;
    const end = before && before.seq > forgotten ? before.seq : forgotten;
    if (newest.seq <= included || end < included) return null;
    statements.cut({ seq: newest.seq });
    return (
      `the newest batch of the journal, events ${end + 1n} to ${newest.seq}, failed its checksum and was cut off: ` +
      `the journal ends at event ${end} (batch "${newest.batchId}", ${newest.events.length} characters)`
    );
  });
}
