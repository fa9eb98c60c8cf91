import { type Account, Ledger } from "../gateway/ledger.ts";
import { WaitingLines } from "../gateway/waiting-line.ts";
import { sleep } from "../lib/clock.ts";
import { GodelError } from "../lib/errors.ts";
import type { ModelTarget } from "../model/model-target.ts";
import type { AttemptId } from "../model/records.ts";
import { noUsage, type Usage } from "../model/usage.ts";
import type { Models } from "../node/ports.ts";
import type { Bugs } from "./bugs.ts";
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
  account: Account;
  /** Ends requests that are under way. */
  cut: AbortController;
}

type OnUsage = (attempt: AttemptId, team: string, cumulative: Usage) => void;
export interface ModelParts {
  process: Process;
  provider: Provider;
  dice: Dice;
  trouble: Trouble;
  bugs: Bugs;
  onUsage: OnUsage;
}

/** Given as the reason, so that no error with a stack is made of each. */
const revoked = "revoked";

/** Of the simulated model. */
const prices = { inputUsd: 0.001, usdPerToken: 0.00001, wanted: 4_000, least: 100 };

/** What an agent sees of a reservation that was not to be had. */
const refusals = { spent: "budget", late: "provider", full: "provider", gone: "refused" } as const;

export type Answer = "answered" | "refused" | "budget" | "provider";

/** The gateway of one node process, as far as a node sees it: the shipped ledger with its reservations, and a simulated provider. */
export class SimModels implements Models {
  readonly #ledger = new Ledger();
  readonly #lines: WaitingLines;
  readonly #grants = new Map<AttemptId, Grant>();
  readonly #parts: ModelParts;

  constructor(parts: ModelParts) {
    this.#parts = parts;
    this.#lines = new WaitingLines({ clock: parts.process, waitMs: 60_000, maxWaiting: 100 });
  }

  reservedOf(team: string): number {
    return this.#ledger.purseOf(team)?.reservedUsd ?? 0;
  }

  get grants(): number {
    return this.#grants.size;
  }

  async resolve(model: string): Promise<ModelTarget> {
    await sleep(this.#parts.process, 5);
    if (this.#parts.trouble.isOn("model-refused")) throw new GodelError("MODEL_KEY_MISSING", `no key for ${model}`);
    return { provider: "sim", id: model, api: "sim", description: {} };
  }

  openTeam(team: Parameters<Models["openTeam"]>[0]): void {
    this.#ledger.openTeam(team);
  }

  closeTeam(id: string): void {
    for (const [attempt, { account }] of this.#grants) if (account.purse?.id === id) this.revoke(attempt);
    this.#ledger.closeTeam(id);
  }

  async grant({ attempt, team, model }: Parameters<Models["grant"]>[0]): Promise<{ url: string }> {
    await this.resolve(model);
    const account = this.#ledger.account(attempt, team);
    if (account.purse) account.purse.grants++;
    this.#grants.set(attempt, { account, cut: new AbortController() });
    return { url: attempt };
  }

  revoke(attempt: AttemptId): void {
    const grant = this.#grants.get(attempt);
    if (!grant) return;
    this.#grants.delete(attempt);
    if (grant.account.purse) grant.account.purse.grants--;
    grant.cut.abort(revoked);
  }

  async complete(): Promise<{ text: string; usage: Usage }> {
    throw new GodelError("MODEL_FAILED", "the simulated model does not plan");
  }

  async close(): Promise<void> {
    for (const attempt of [...this.#grants.keys()]) this.revoke(attempt);
  }

  /** One request of an agent. One that is cut has cost something too. */
  async request(attempt: AttemptId, alive: () => boolean): Promise<Answer> {
    const { process, provider, dice, trouble, bugs, onUsage } = this.#parts;
    const grant = this.#grants.get(attempt);
    const { purse } = grant?.account ?? {};
    if (!grant || !purse) return "refused";
    if (purse.isSpent) return "budget";
    const claim = { ...prices, holder: grant.account };
    const reservation = await this.#lines.reserve(purse, claim, () => grant.cut.signal);
    if (typeof reservation === "string") return refusals[reservation];
    await sleep(process, dice.between(300, 8_000), grant.cut.signal);
    const cut = !alive() || grant.cut.signal.aborted;
    if (!cut && trouble.agentsMayFail && dice.chance(0.004)) {
      purse.release(reservation);
      return "provider";
    }
    const tokens = dice.whole(0, cut ? Math.ceil(reservation.tokens / 4) : reservation.tokens);
    const costUsd = prices.inputUsd + prices.usdPerToken * tokens;
    provider.charge(attempt, costUsd);
    const billed = { ...noUsage, requests: 1, input: 100, output: tokens, costUsd: bugs.forgetsMoney ? 0 : costUsd };
    this.#ledger.charge(grant.account, billed, reservation);
    onUsage(attempt, purse.id, grant.account.usage);
    return cut ? "refused" : "answered";
  }
}
