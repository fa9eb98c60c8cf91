import type { Spender } from "../gateway/index.ts";
import type { Clock } from "../lib/clock.ts";
import type { Report } from "../model/link.ts";
import type { AttemptId } from "../model/records.ts";
import type { Usage } from "../model/usage.ts";

/** How long spending of a running attempt may wait to be reported, in ms: many requests make one report. */
const flushMs = 500;

/** Reports what attempts have spent: in time while they run, and always before their end is reported. */
export class Spending {
  readonly #clock: Clock;
  readonly #report: (report: Report) => boolean;
  readonly #due = new Map<AttemptId, Usage>();
  #scheduled = false;

  constructor(clock: Clock, report: (report: Report) => boolean) {
    this.#clock = clock;
    this.#report = report;
  }

  /** What planning took is told at once: it is asked a few times, and before there is an end to tell it with. */
  note(spender: Spender, cumulative: Usage): void {
    if ("planningOf" in spender) return void this.told(spender, cumulative);
    const { attempt } = spender;
    this.#due.set(attempt, { ...cumulative });
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#clock.after(flushMs, () => {
      this.#scheduled = false;
      for (const due of [...this.#due.keys()]) this.settle(due);
    });
  }

  /** Reports it at once. Whether it is told for good. */
  told(spender: Spender, usage: Usage): boolean {
    if ("planningOf" in spender) return this.#report({ type: "planningSpent", team: spender.planningOf, usage });
    return this.#report({ type: "attemptSpent", attempt: spender.attempt, usage });
  }

  /** Reports what is not reported yet of one attempt. */
  settle(attempt: AttemptId): void {
    const usage = this.#due.get(attempt);
    if (!usage) return;
    this.#due.delete(attempt);
    this.#report({ type: "attemptSpent", attempt, usage });
  }
}
