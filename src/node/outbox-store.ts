import { DatabaseSync } from "node:sqlite";
import { GodelError, messageOf } from "../lib/errors.ts";
import type { OutboxStore } from "./outbox.ts";

/** Reports in a SQLite file, which is made when it is missing. */
export function openOutboxStore(path: string): OutboxStore {
  const db = new DatabaseSync(path);
  // NORMAL: lost with the machine's power only, and then the attempt itself is lost and done again.
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
  db.exec("CREATE TABLE IF NOT EXISTS outbox (seq INTEGER PRIMARY KEY AUTOINCREMENT, report TEXT NOT NULL)");
  const insert = db.prepare("INSERT INTO outbox (seq, report) VALUES (?, ?)");
  const remove = db.prepare("DELETE FROM outbox WHERE seq = ?");
  const forget = db.prepare("DELETE FROM outbox WHERE seq <= ?");
  return {
    load() {
      const rows = db.prepare("SELECT seq, report FROM outbox ORDER BY seq").all();
      const kept = rows.map(({ seq, report }) => ({ seq: Number(seq), report: JSON.parse(String(report)) }));
      return { kept, seq: Number(db.prepare("SELECT max(seq) AS seq FROM sqlite_sequence").get()?.seq ?? 0) };
    },
    keep: ({ seq, report }) => withRoom(() => insert.run(seq, JSON.stringify(report))),
    drop(seq) {
      try {
        remove.run(seq);
      } catch (error) {
        if (!isFull(error)) throw error;
      }
    },
    forget: (seq) => withRoom(() => forget.run(seq)),
    close: () => db.close(),
  };
}

function withRoom(write: () => void): void {
  try {
    write();
  } catch (error) {
    if (isFull(error)) throw new GodelError("DISK_FULL", messageOf(error), { cause: error });
    throw error;
  }
}

/** SQLITE_FULL, the primary result code of https://www.sqlite.org/rescode.html#full. */
function isFull(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && Number(error.errcode) % 256 === 13;
}
