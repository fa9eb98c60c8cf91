import { GodelError, messageOf } from "../lib/errors.ts";
import type { Order, Report } from "../model/link.ts";
import type { AttemptId } from "../model/records.ts";
import type { Workspaces } from "../workspace/index.ts";

type MergeOrder = Extract<Order, { type: "mergeAttempt" }>;

/** Carries out merges. An order that comes again while its merge runs is the same merge; after that, git knows. */
export class Merges {
  readonly #workspaces: Workspaces;
  readonly #report: (report: Report) => void;
  readonly #running = new Map<AttemptId, Promise<void>>();

  constructor(workspaces: Workspaces, report: (report: Report) => void) {
    this.#workspaces = workspaces;
    this.#report = report;
  }

  get ids(): AttemptId[] {
    return [...this.#running.keys()];
  }

  start(order: MergeOrder): void {
    if (this.#running.has(order.attempt)) return;
    const merge = this.#merge(order).finally(() => this.#running.delete(order.attempt));
    this.#running.set(order.attempt, merge);
  }

  /** Resolves when no merge runs. */
  async idle(): Promise<void> {
    await Promise.all(this.#running.values());
  }

  async #merge({ attempt, team, key, title, commit }: MergeOrder): Promise<void> {
    try {
      const result = await this.#workspaces.merge({ attempt, team, key, title, commit });
      if ("merged" in result) return this.#report({ type: "attemptMerged", attempt, commit: result.merged });
      this.#fail(attempt, "conflict", result.conflict);
    } catch (error) {
      if (!(error instanceof GodelError)) throw error;
      this.#fail(attempt, "workspace", messageOf(error));
    }
  }

  #fail(attempt: AttemptId, reason: "conflict" | "workspace", detail: string): void {
    this.#report({ type: "attemptFailed", attempt, failure: { reason, detail }, commit: null });
  }
}
