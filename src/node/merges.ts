import { type Clock, sleep } from "../lib/clock.ts";
import { codeOf, GodelError, messageOf } from "../lib/errors.ts";
import type { Order, Report, TeamBrief } from "../model/link.ts";
import type { AttemptId } from "../model/records.ts";
import type { MergeOutcome, MergeRequest } from "../workspace/index.ts";
import type { Worktrees } from "./ports.ts";

type MergeOrder = Extract<Order, { type: "mergeAttempt" }>;

/**
 * What a merge waits for. While somebody has the team's branch checked out, it would change files under their hands.
 * When git or the disk fails, nobody knows whether an earlier node has merged it already: told as a failure, the task
 * would be done twice.
 */
const waitsFor: ReadonlySet<string | undefined> = new Set(["BRANCH_CHECKED_OUT", "GIT_FAILED", "DISK_FULL"]);
const patience = { retryMs: 2_000, tries: 150 };

/** Carries out merges. An order that comes again while its merge runs is the same merge; after that, git knows. */
export class Merges {
  readonly #workspaces: Worktrees;
  readonly #clock: Clock;
  readonly #report: (report: Report) => void;
  readonly #running = new Map<AttemptId, Promise<void>>();
  #closed = false;

  constructor(workspaces: Worktrees, clock: Clock, report: (report: Report) => void) {
    this.#workspaces = workspaces;
    this.#clock = clock;
    this.#report = report;
  }

  get ids(): AttemptId[] {
    return [...this.#running.keys()];
  }

  start(team: TeamBrief | undefined, order: MergeOrder): void {
    if (this.#running.has(order.attempt)) return;
    if (!team) return this.#fail(order.attempt, "workspace", "the node does not know the team");
    const merge = this.#merge(team, order).finally(() => this.#running.delete(order.attempt));
    this.#running.set(order.attempt, merge);
  }

  /** Resolves when no merge runs. One that waits is given up: its order comes again. */
  async finish(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#running.values());
  }

  async #merge(team: TeamBrief, { attempt, key, title, commit }: MergeOrder): Promise<void> {
    try {
      const result = await this.#whenFree(team, { attempt, team: team.id, key, title, commit });
      if ("merged" in result) return this.#report({ type: "attemptMerged", attempt, commit: result.merged });
      this.#fail(attempt, "conflict", result.conflict);
    } catch (error) {
      if (!(error instanceof GodelError)) throw error;
      this.#fail(attempt, "workspace", messageOf(error));
    }
  }

  async #whenFree(team: TeamBrief, request: MergeRequest): Promise<MergeOutcome> {
    for (let left = patience.tries; ; left--) {
      try {
        // A team that was killed is closed while its last merge may still wait.
        await this.#workspaces.openTeam(team);
        return await this.#workspaces.merge(request);
      } catch (error) {
        if (!waitsFor.has(codeOf(error)) || left === 0 || this.#closed) throw error;
        await sleep(this.#clock, patience.retryMs);
      }
    }
  }

  #fail(attempt: AttemptId, reason: "conflict" | "workspace", detail: string): void {
    this.#report({ type: "attemptFailed", attempt, failure: { reason, detail }, commit: null });
  }
}
