import { sleep } from "../lib/clock.ts";
import { GodelError } from "../lib/errors.ts";
import type { ModelTarget } from "../model/model-target.ts";
import type { AttemptId } from "../model/records.ts";
import { addUsage, noUsage, type Usage } from "../model/usage.ts";
import type { Models } from "../node/ports.ts";
import type { Dice } from "./dice.ts";
import type { Process } from "./timeline.ts";
import type { Trouble } from "./trouble.ts";

/** Who sells the models: it outlives every process, and knows what it charged for. */
export class Provider {
  /** USD, by attempt. */
  readonly charged = new Map<AttemptId, number>();

  charge(attempt: AttemptId, usd: number): void {
    this.charged.set(attempt, (this.charged.get(attempt) ?? 0) + usd);
  }
}

interface Grant {
  team: string;
  /** Ends requests that are under way. */
  cut: AbortController;
}

type OnUsage = (attempt: AttemptId, team: string, cumulative: Usage) => void;
export type Answer = "answered" | "refused" | "budget" | "provider";

interface Purse {
  budgetUsd: number | null;
  spentUsd: number;
}

/** The gateway of one node process, as far as a node sees it: grants, and what each attempt has used. */
export class SimModels implements Models {
  readonly #purses = new Map<string, Purse>();
  readonly #used = new Map<AttemptId, Usage>();
  readonly #grants = new Map<AttemptId, Grant>();
  readonly #parts: { process: Process; provider: Provider; dice: Dice; trouble: Trouble; onUsage: OnUsage };

  constructor(parts: { process: Process; provider: Provider; dice: Dice; trouble: Trouble; onUsage: OnUsage }) {
    this.#parts = parts;
  }

  get grants(): number {
    return this.#grants.size;
  }

  async resolve(model: string): Promise<ModelTarget> {
    await sleep(this.#parts.process, 5);
    if (this.#parts.trouble.isOn("model-refused")) throw new GodelError("MODEL_KEY_MISSING", `no key for ${model}`);
    return { provider: "sim", id: model, api: "sim", description: {} };
  }

  openTeam({ id, budgetUsd, spentUsd }: Parameters<Models["openTeam"]>[0]): void {
    this.#purses.set(id, { budgetUsd, spentUsd: Math.max(spentUsd, this.#purses.get(id)?.spentUsd ?? 0) });
  }

  closeTeam(id: string): void {
    for (const [attempt, { team }] of this.#grants) if (team === id) this.revoke(attempt);
    this.#purses.delete(id);
  }

  async grant({ attempt, team, model }: Parameters<Models["grant"]>[0]): Promise<{ url: string }> {
    await this.resolve(model);
    if (!this.#purses.has(team)) throw new GodelError("TEAM_NOT_FOUND", `team ${team} is not open at this gateway`);
    this.#grants.set(attempt, { team, cut: new AbortController() });
    return { url: attempt };
  }

  revoke(attempt: AttemptId): void {
    this.#grants.get(attempt)?.cut.abort();
    this.#grants.delete(attempt);
  }

  async complete(): Promise<{ text: string; usage: Usage }> {
    throw new GodelError("MODEL_FAILED", "the simulated model does not plan");
  }

  async close(): Promise<void> {
    for (const attempt of [...this.#grants.keys()]) this.revoke(attempt);
  }

  /** One request of an agent. One that is cut has cost something too. */
  async request(attempt: AttemptId, alive: () => boolean): Promise<Answer> {
    const { process, provider, dice, trouble, onUsage } = this.#parts;
    const grant = this.#grants.get(attempt);
    if (!grant) return "refused";
    const purse = this.#purses.get(grant.team);
    if (purse && purse.budgetUsd !== null && purse.spentUsd >= purse.budgetUsd) return "budget";
    await sleep(process, dice.between(300, 8_000), grant.cut.signal);
    const cut = !alive() || grant.cut.signal.aborted;
    if (!cut && trouble.agentsMayFail && dice.chance(0.004)) return "provider";
    const costUsd = dice.whole(1, cut ? 10 : 40) / 1_000;
    provider.charge(attempt, costUsd);
    if (purse) purse.spentUsd += costUsd;
    const used = addUsage(this.#used.get(attempt) ?? noUsage, {
      ...noUsage,
      requests: 1,
      input: 100,
      output: 10,
      costUsd,
    });
    this.#used.set(attempt, used);
    onUsage(attempt, grant.team, used);
    return cut ? "refused" : "answered";
  }
}
