import { DatabaseSync, type StatementSync } from "node:sqlite";
import { messageOf } from "../lib/errors.ts";
import type { Report } from "../model/link.ts";
import type { AgentId, AttemptId } from "../model/records.ts";

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
    this.#insert = this.#db.prepare("INSERT INTO outbox (seq, report) VALUES (?, ?)");
    this.#forget = this.#db.prepare("DELETE FROM outbox WHERE seq <= ?");
    const rows = this.#db.prepare("SELECT seq, report FROM outbox ORDER BY seq").all();
    this.#kept = rows.map(({ seq, report }) => ({ seq: Number(seq), report: JSON.parse(String(report)) }));
    // Numbers go on where the last process ended, even if all that it sent was acknowledged.
    this.#seq = Number(this.#db.prepare("SELECT max(seq) AS seq FROM sqlite_sequence").get()?.seq ?? 0);
  }

  /** Keeps a report until it is acknowledged. On a full disk it is kept in memory alone. */
  add(report: Report): Kept {
    const kept = { seq: ++this.#seq, report };
    this.#kept.push(kept);
    try {
      this.#insert.run(kept.seq, JSON.stringify(report));
    } catch (error) {
      if (!isFull(error)) throw error;
      console.error(`outbox: ${messageOf(error)}; report ${kept.seq} would not survive this process`);
    }
    return kept;
  }

  /** All reports up to `seq` are durable with the engine. */
  acknowledge(seq: number): void {
    const next = this.#kept.findIndex((kept) => kept.seq > seq);
    this.#kept = next < 0 ? [] : this.#kept.slice(next);
    try {
      this.#forget.run(seq);
    } catch (error) {
      // They will be sent once more, and change nothing then.
      if (!isFull(error)) throw error;
    }
  }

  /** What is not acknowledged, oldest first. */
  get pending(): readonly Kept[] {
    return this.#kept;
  }

  /** Attempts whose outcome is on its way: the engine must not take them for lost. */
  attempts(): Set<AttemptId> {
    return new Set(this.#kept.flatMap(({ report }) => (isOutcome(report) ? [report.attempt] : [])));
  }

  /** Agents of which something is on its way, such as their own end. */
  agents(): Set<AgentId> {
    return new Set(this.#kept.flatMap(({ report }) => ("agent" in report ? [report.agent] : [])));
  }

  /** Whether the end of an attempt is on its way, so that nothing more may be done for it. */
  holdsEndOf(attempt: AttemptId): boolean {
    const isEnd = (report: Report) =>
      isOutcome(report) && report.type !== "attemptVerified" && report.attempt === attempt;
    return this.#kept.some(({ report }) => isEnd(report));
  }

  close(): void {
    this.#db.close();
  }
}

type Outcome = Extract<Report, { type: "attemptVerified" | "attemptFailed" | "attemptCancelled" | "attemptMerged" }>;

/** After any other report the node had more to do for the attempt, and a node that died will not do it. */
function isOutcome(report: Report): report is Outcome {
  return ["attemptVerified", "attemptFailed", "attemptCancelled", "attemptMerged"].includes(report.type);
}

/** SQLITE_FULL, the primary result code of https://www.sqlite.org/rescode.html#full. */
function isFull(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && Number(error.errcode) % 256 === 13;
}
