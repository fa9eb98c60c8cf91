import type { Millis } from "../../lib/clock.ts";
import type { AttemptId } from "../../model/records.ts";
import type { Waiting } from "./line.ts";

interface Trial {
  team: string | null;
  why: string;
  askAfterMs: Millis;
}

/**
 * Since when attempts have got no answer. Where all is out one request at a time is let out to try, and waits anew when it
 * has failed: of its attempt that is one long wait.
 */
export class Stuck {
  private readonly sinces = new Map<AttemptId, Millis>();
  private readonly trying = new Map<AttemptId, Waiting>();

  waits(attempt: AttemptId | null, at: Millis): void {
    if (attempt !== null && !this.sinces.has(attempt)) this.sinces.set(attempt, at);
  }

  /** It is the one that tries whether what was out is back. */
  tries(attempt: AttemptId | null, { team, why, askAfterMs }: Trial): void {
    const since = attempt === null ? undefined : this.sinces.get(attempt);
    if (attempt === null || team === null || since === undefined) return;
    this.trying.set(attempt, { team, attempt, why, until: null, since, isOut: true, askAfterMs });
  }

  tried(attempt: AttemptId | null, isAnswered: boolean): void {
    if (attempt === null) return;
    this.trying.delete(attempt);
    if (isAnswered) this.sinces.delete(attempt);
  }

  forget(attempt: AttemptId): void {
    this.tried(attempt, true);
  }

  /** Those in line and those that try, each with the start of its whole wait. */
  list(inLine: readonly Waiting[]): Waiting[] {
    return [...inLine, ...this.trying.values()].map((each) => ({
      ...each,
      since: this.sinces.get(each.attempt) ?? each.since,
    }));
  }
}
