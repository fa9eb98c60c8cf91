/** How long each part of an attempt takes, by the events that part them. */
import type { Engine } from "../engine/engine.ts";
import type { Millis } from "../lib/clock.ts";
import type { Event } from "../model/events.ts";
import { Histogram } from "./histogram.ts";
import { head, type MetricName } from "./metric-table.ts";

/** Upper bounds in s: of what takes from a shell command to an hour of an agent's work, and of what the loop itself does. */
const work = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3_600];
const quick = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1];
const answer = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

export class Phases {
  readonly #engine: Engine;
  readonly #all = {
    godel_queue_wait_seconds: new Histogram(work),
    godel_selection_seconds: new Histogram(quick),
    godel_dispatch_seconds: new Histogram(work),
    godel_first_token_seconds: new Histogram(answer),
    godel_attempt_seconds: new Histogram(work),
    godel_gate_seconds: new Histogram(work),
    godel_merge_seconds: new Histogram(work),
    godel_commit_seconds: new Histogram(quick),
  };
  /** Of each attempt past its agent: when that part began. */
  readonly #since = new Map<string, Millis>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** The events of one turn. */
  count(events: readonly Event[]): void {
    const { settleMs, commitMs } = this.#engine.timing;
    this.#all.godel_commit_seconds.observe(commitMs / 1_000);
    if (events.some(({ type }) => type === "attemptLeased"))
      this.#all.godel_selection_seconds.observe(settleMs / 1_000);
    for (const event of events) this.#count(event);
  }

  firstTokens(all: readonly Millis[]): void {
    for (const ms of all) this.#all.godel_first_token_seconds.observe(ms / 1_000);
  }

  lines(): string[] {
    return Object.entries(this.#all).flatMap(([name, histogram]) => [
      ...head(name as MetricName),
      ...histogram.lines(name),
    ]);
  }

  #count(event: Event): void {
    const { state } = this.#engine;
    const all = this.#all;
    switch (event.type) {
      case "attemptLeased": {
        const task = state.tasks.get(event.task);
        return task && all.godel_queue_wait_seconds.observe((event.at - task.queuedAt) / 1_000);
      }
      case "attemptStarted": {
        const attempt = state.attempts.get(event.attempt);
        return attempt && all.godel_dispatch_seconds.observe((event.at - attempt.leasedAt) / 1_000);
      }
      case "attemptVerifying":
        this.#since.set(event.attempt, event.at);
        return;
      case "attemptMerging":
        this.#endPart("godel_gate_seconds", event);
        this.#since.set(event.attempt, event.at);
        return;
      case "attemptEnded": {
        const merged = event.state === "accepted";
        // A rejection ends its gates too, or its merge; one that was cancelled or lost ended nothing.
        if (merged) this.#endPart("godel_merge_seconds", event);
        else if (event.failure?.reason === "gate") this.#endPart("godel_gate_seconds", event);
        this.#since.delete(event.attempt);
        const attempt = state.attempts.get(event.attempt);
        return attempt && all.godel_attempt_seconds.observe((event.at - attempt.leasedAt) / 1_000);
      }
    }
  }

  #endPart(name: "godel_gate_seconds" | "godel_merge_seconds", { attempt, at }: { attempt: string; at: Millis }): void {
    const since = this.#since.get(attempt);
    if (since !== undefined) this.#all[name].observe((at - since) / 1_000);
  }
}
