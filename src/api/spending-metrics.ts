/** What was spent, by model and by team: few labels, however many there are. */
import { agentOf, type State } from "../engine/state.ts";
import type { Event } from "../model/events.ts";
import { noUsage, type Usage, usageSince } from "../model/usage.ts";
import { family, labels, type Sample } from "./metric-table.ts";

/** Models with a label of their own, and teams; the models beyond are `other`, the older teams are not told. */
const [maxModels, maxTeams] = [50, 50];
const kinds = ["input", "output", "cacheRead", "cacheWrite"] as const;

export class SpendingMetrics {
  readonly #state: State;
  /** What was counted of each attempt that is under way: what is reported is cumulative. */
  readonly #counted = new Map<string, Usage>();
  readonly #models = new Map<string, Usage>();

  constructor(state: State) {
    this.#state = state;
  }

  count(event: Event): void {
    if (event.type === "attemptEnded") this.#counted.delete(event.attempt);
    if (event.type === "teamSpent") this.#add(this.#state.teams.get(event.team)?.model ?? "", event.usage);
    if (event.type !== "attemptSpent") return;
    const attempt = this.#state.attempts.get(event.attempt);
    if (!attempt) return;
    const before = this.#counted.get(event.attempt) ?? noUsage;
    this.#counted.set(event.attempt, event.usage);
    this.#add(attempt.tier?.model ?? agentOf(this.#state, attempt.agent).model, usageSince(event.usage, before));
  }

  byModel(): string[] {
    const tokens = [...this.#models].flatMap(([model, usage]) =>
      kinds.map((kind): Sample => [labels({ model, kind }), usage[kind]]),
    );
    const usd = [...this.#models].map(([model, { costUsd }]): Sample => [labels({ model }), costUsd]);
    return [...family("godel_model_spent_usd_total", usd), ...family("godel_model_tokens_total", tokens)];
  }

  byTeam(): string[] {
    const teams = [...this.#state.teams.values()].slice(-maxTeams);
    const spent = teams.map(({ id, name, usage }): Sample => [labels({ team: name, id }), usage.costUsd]);
    const tokens = teams.flatMap(({ id, name, usage }) =>
      kinds.map((kind): Sample => [labels({ team: name, id, kind }), usage[kind]]),
    );
    const budgets = teams.flatMap(({ id, name, budgetUsd }): Sample[] =>
      budgetUsd === null ? [] : [[labels({ team: name, id }), budgetUsd]],
    );
    return [
      ...family("godel_team_spent_usd_total", spent),
      ...family("godel_team_tokens_total", tokens),
      ...family("godel_team_budget_usd", budgets),
    ];
  }

  #add(model: string, usage: Usage): void {
    const known = this.#models.has(model) || this.#models.size < maxModels;
    const name = known ? model : "other";
    const sum = this.#models.get(name) ?? { ...noUsage };
    for (const key of [...kinds, "costUsd"] as const) sum[key] += usage[key];
    this.#models.set(name, sum);
  }
}
