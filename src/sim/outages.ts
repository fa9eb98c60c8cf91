import { teamPace } from "../engine/retry-budget.ts";
import type { Millis } from "../lib/clock.ts";
import type { Event } from "../model/events.ts";
import type { AttemptId, TeamId } from "../model/records.ts";
import { promised } from "./broken-promise.ts";

/** Retries that an attempt pays for when its agent finishes it. */
const perSuccess = 5;

interface Outage {
  since: Millis;
  /** Attempts that failed by it. */
  failed: Set<AttemptId>;
  /** Those whose task had failed by it before. */
  repeats: number;
  finished: number;
}

/** An outage of the provider does not multiply the work that it stops, whatever the engine takes the failures for. */
export class Outages {
  readonly #ofTeams = new Map<TeamId, Outage>();
  #broken: string | null = null;

  /** `attempt` fails at `at` since the provider has been down from `since` on. */
  failed(team: TeamId, attempt: AttemptId, { since, at }: { since: Millis; at: Millis }): void {
    const known = this.#ofTeams.get(team);
    const outage = known?.since === since ? known : { since, failed: new Set<AttemptId>(), repeats: 0, finished: 0 };
    this.#ofTeams.set(team, outage);
    if (outage.failed.has(attempt)) return;
    outage.failed.add(attempt);
    if (!outage.failed.has(before(attempt))) return;
    outage.repeats++;
    const { repeats, finished } = outage;
    const most = teamPace.burst + (at - since) / teamPace.everyMs + perSuccess * finished + 1;
    if (repeats <= most) return;
    this.#broken ??= `${repeats} attempts of ${team} are repeated within ${Math.round((at - since) / 1_000)} s`;
  }

  check(): void {
    promised(this.#broken === null, "an outage does not multiply the work that it stops", () => this.#broken ?? "");
  }

  /** What the engine has just made durable. */
  heard(events: readonly Event[]): void {
    for (const { type } of events) {
      if (type === "attemptVerifying") for (const outage of this.#ofTeams.values()) outage.finished++;
    }
  }
}

/** The attempt at the same task before. */
function before(attempt: AttemptId): AttemptId {
  const slash = attempt.lastIndexOf("/");
  return `${attempt.slice(0, slash)}/${Number(attempt.slice(slash + 1)) - 1}`;
}
