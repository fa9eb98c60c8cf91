import { codeOf, messageOf } from "../lib/errors.ts";
import type { Report } from "../model/link.ts";
import type { AgentId, AttemptId } from "../model/records.ts";

export interface Kept {
  seq: number;
  report: Report;
}

/** Where the reports are kept, so that a new process finds them. */
export interface OutboxStore {
  /** What is kept, oldest first, and the highest number that was ever kept. */
  load(): { kept: Kept[]; seq: number };
  /** @throws GodelError DISK_FULL */
  keep(kept: Kept): void;
  /** Lets one go, if there is room to write that down: one that stays is told once more, and changes nothing. */
  drop(seq: number): void;
  /** Lets all up to `seq` go. @throws GodelError DISK_FULL */
  forget(seq: number): void;
  close(): void;
}

/**
 * Reports that no engine has acknowledged yet. They survive the node's own death, and are sent again, in order, after
 * each reconnect. Bounded by what the node can cause without orders: a few reports for each attempt that it holds, as what
 * one has spent is told once, however often it is news while no engine hears it.
 */
export class Outbox {
  readonly #store: OutboxStore;
  readonly #log: (line: string) => void;
  /** By number, oldest first. */
  readonly #kept: Map<number, Kept>;
  /** The report of what each attempt, and the planning of each team, has spent. */
  readonly #spent = new Map<string, Kept>();
  #seq: number;

  constructor(store: OutboxStore, log: (line: string) => void = console.error) {
    this.#store = store;
    this.#log = log;
    const { kept, seq } = store.load();
    this.#kept = new Map(kept.map((each) => [each.seq, each]));
    for (const each of kept) this.#noteSpent(each);
    // Numbers go on where the last process ended, even if all that it sent was acknowledged.
    this.#seq = seq;
  }

  /** Keeps a report until it is acknowledged. On a full disk it is kept in memory alone, and is not `safe`. O(1) here. */
  add(report: Report): Kept & { safe: boolean } {
    const kept = { seq: ++this.#seq, report };
    const older = this.#replacedBy(report);
    if (older) this.#kept.delete(older.seq);
    this.#kept.set(kept.seq, kept);
    this.#noteSpent(kept);
    try {
      this.#store.keep(kept);
      if (older) this.#store.drop(older.seq);
      return { ...kept, safe: true };
    } catch (error) {
      if (codeOf(error) !== "DISK_FULL") throw error;
      this.#log(`outbox: ${messageOf(error)}; report ${kept.seq} would not survive this process`);
      return { ...kept, safe: false };
    }
  }

  /** Spending is cumulative: the newest says it all. */
  #replacedBy(report: Report): Kept | undefined {
    return this.#spent.get(spenderOf(report) ?? "");
  }

  #noteSpent(kept: Kept): void {
    const spender = spenderOf(kept.report);
    if (spender !== undefined) this.#spent.set(spender, kept);
  }

  /** All reports up to `seq` are durable with the engine. */
  acknowledge(seq: number): void {
    for (const kept of this.#kept.values()) {
      if (kept.seq > seq) break;
      this.#kept.delete(kept.seq);
      const spender = spenderOf(kept.report);
      if (spender !== undefined && this.#spent.get(spender) === kept) this.#spent.delete(spender);
    }
    try {
      this.#store.forget(seq);
    } catch (error) {
      // They will be sent once more, and change nothing then.
      if (codeOf(error) !== "DISK_FULL") throw error;
    }
  }

  /** What is not acknowledged, oldest first. */
  get pending(): readonly Kept[] {
    return this.#all();
  }

  /** Attempts whose outcome is on its way: the engine must not take them for lost in another way. */
  attempts(): Set<AttemptId> {
    return new Set(
      this.#all().flatMap(({ report }) => {
        if (report.type === "hostLost") return report.attempts;
        return isOutcome(report) ? [report.attempt] : [];
      }),
    );
  }

  /** Agents of which something is on its way, such as their own end. */
  agents(): Set<AgentId> {
    return new Set(this.#all().flatMap(({ report }) => agentsOf(report)));
  }

  /** Whether the end of an attempt is on its way, so that nothing more may be done for it. */
  holdsEndOf(attempt: AttemptId): boolean {
    const isEnd = (report: Report) =>
      isOutcome(report) && report.type !== "attemptVerified" && report.attempt === attempt;
    for (const { report } of this.#kept.values()) if (isEnd(report)) return true;
    return false;
  }

  #all(): Kept[] {
    return [...this.#kept.values()];
  }

  close(): void {
    this.#store.close();
  }
}

/** Whose spending it tells, if it tells any: ids of attempts begin with that of their team, and have more to them. */
function spenderOf(report: Report): string | undefined {
  if (report.type === "attemptSpent") return report.attempt;
  return report.type === "planningSpent" ? report.team : undefined;
}

function agentsOf(report: Report): AgentId[] {
  if (report.type === "hostLost") return report.agents;
  return "agent" in report ? [report.agent] : [];
}

type Outcome = Extract<Report, { type: "attemptVerified" | "attemptFailed" | "attemptCancelled" | "attemptMerged" }>;

/** After any other report the node had more to do for the attempt, and a node that died will not do it. */
function isOutcome(report: Report): report is Outcome {
  return ["attemptVerified", "attemptFailed", "attemptCancelled", "attemptMerged"].includes(report.type);
}
