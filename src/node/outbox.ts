import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { Report } from "../model/link.ts";
import type { AttemptId } from "../model/records.ts";

export interface Kept {
  seq: number;
  report: Report;
}

/**
 * Reports that no engine has acknowledged yet. They survive the node's own death, and are sent again, in order, after
 * each reconnect. Bounded by what the node can cause without orders: a few reports for each attempt that it holds.
 */
export class Outbox {
  readonly #db: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #forget: StatementSync;
  #kept: Kept[];
  #seq: number;

  constructor(path: string) {
    this.#db = new DatabaseSync(path);
    // NORMAL: lost with the machine's power only, and then the attempt itself is lost and done again.
    this.#db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
    this.#db.exec("CREATE TABLE IF NOT EXISTS outbox (seq INTEGER PRIMARY KEY AUTOINCREMENT, report TEXT NOT NULL)");
    this.#insert = this.#db.prepare("INSERT INTO outbox (report) VALUES (?)");
    this.#forget = this.#db.prepare("DELETE FROM outbox WHERE seq <= ?");
    const rows = this.#db.prepare("SELECT seq, report FROM outbox ORDER BY seq").all();
    this.#kept = rows.map(({ seq, report }) => ({ seq: Number(seq), report: JSON.parse(String(report)) }));
    this.#seq = this.#kept.at(-1)?.seq ?? 0;
  }

  /** Keeps a report until it is acknowledged. */
  add(report: Report): Kept {
    const { lastInsertRowid } = this.#insert.run(JSON.stringify(report));
    this.#seq = Number(lastInsertRowid);
    const kept = { seq: this.#seq, report };
    this.#kept.push(kept);
    return kept;
  }

  /** All reports up to `seq` are durable with the engine. */
  acknowledge(seq: number): void {
    this.#forget.run(seq);
    const next = this.#kept.findIndex((kept) => kept.seq > seq);
    this.#kept = next < 0 ? [] : this.#kept.slice(next);
  }

  /** What is not acknowledged, oldest first. */
  get pending(): readonly Kept[] {
    return this.#kept;
  }

  /** Attempts whose outcome is on its way: the engine must not take them for lost. */
  attempts(): Set<AttemptId> {
    const ids = this.#kept.map(({ report }) =>
      "attempt" in report && report.type !== "attemptSpent" ? report.attempt : "",
    );
    return new Set(ids.filter((id) => id !== ""));
  }

  close(): void {
    this.#db.close();
  }
}
