import { Ledger } from "../gateway/ledger.ts";
import type { Account } from "../gateway/scopes.ts";
import { isReserved, WaitingLines } from "../gateway/waiting-line.ts";
import { sleep } from "../lib/clock.ts";
import { codeOf, GodelError } from "../lib/errors.ts";
import { noMoney } from "../model/budget.ts";
import type { ModelTarget } from "../model/model-target.ts";
import type { AttemptId } from "../model/records.ts";
import { noUsage, type Usage } from "../model/usage.ts";
import type { Models } from "../node/ports.ts";
import type { Bugs } from "./bugs.ts";
import type { Dice } from "./dice.ts";
import type { LedgerDisk } from "./ledger-disk.ts";
import type { Provider } from "./provider.ts";
import type { Process } from "./timeline.ts";
import type { Trouble } from "./trouble.ts";

interface Grant {
  account: Account;
  /** Ends requests that are under way. */
  cut: AbortController;
}

type OnUsage = (attempt: AttemptId, team: string, cumulative: Usage) => void;
export interface ModelParts {
  process: Process;
  provider: Provider;
  ledger: LedgerDisk;
  dice: Dice;
  trouble: Trouble;
  bugs: Bugs;
  onUsage: OnUsage;
}

/** Given as the reason, so that no error with a stack is made of each. */
const revoked = "revoked";

/** Of the simulated model. */
const claim = {
  inputUsd: 0.001,
  usdPerToken: 0.00001,
  inputTokens: 100,
  answers: 1,
  wanted: 4_000,
  least: 100,
  spare: noMoney,
};

/** What an agent sees of a reservation that was not to be had. */
const refusals = { spent: "budget", late: "provider", full: "provider", gone: "refused" } as const;

export type Answer = "answered" | "refused" | "budget" | "provider";

/** The gateway of one node process, as far as a node sees it: the shipped ledger with its reservations, and a simulated provider. */
export class SimModels implements Models {
  readonly #ledger: Ledger;
  readonly #lines: WaitingLines;
  readonly #grants = new Map<AttemptId, Grant>();
  readonly #parts: ModelParts;
  /** It has told what the last process spent. */
  recovered = false;

  constructor(parts: ModelParts) {
    this.#parts = parts;
    this.#ledger = new Ledger({ store: parts.ledger, clock: parts.process });
    this.#lines = new WaitingLines({ clock: parts.process, waitMs: 60_000, maxWaiting: 100 }, this.#ledger.shared);
  }

  reservedOf(team: string): number {
    return this.#ledger.purseOf(team)?.reserved.usd ?? 0;
  }

  limit(...limits: Parameters<Models["limit"]>): void {
    this.#ledger.limit(...limits);
  }

  giveBack(scope: string, version: number) {
    return this.#ledger.giveBack(scope, version);
  }

  async choose(model: string) {
    return { model, tiers: [] };
  }

  parked(): [] {
    return [];
  }

  parkedMsOf(): number {
    return 0;
  }

  isEnded(): boolean {
    return false;
  }

  recover(report: Parameters<Models["recover"]>[0]): void {
    this.#ledger.recover(report);
    this.recovered = true;
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
    for (const [attempt, { account }] of this.#grants) if (account.team === id) this.revoke(attempt);
    this.#ledger.closeTeam(id);
  }

  async grant({ model, ...money }: Parameters<Models["grant"]>[0]): Promise<{ url: string }> {
    await this.resolve(model);
    const { attempt } = money;
    const account = this.#ledger.account(money);
    for (const purse of account.purse.chain) purse.grants++;
    this.#grants.set(attempt, { account, cut: new AbortController() });
    return { url: attempt };
  }

  revoke(attempt: AttemptId): void {
    const grant = this.#grants.get(attempt);
    if (!grant) return;
    this.#grants.delete(attempt);
    for (const purse of grant.account.purse.chain) purse.grants--;
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
    if (!grant) return "refused";
    const { account, cut } = grant;
    const { purse, team } = account;
    if (purse.spentIn) return "budget";
    const held = purse.mayRefuse(false) ? await this.#lines.reserve(purse, claim, () => cut.signal) : purse.admit();
    if (!isReserved(held)) return refusals[held.why];
    const most = purse.mayRefuse(false) && !bugs.forgetsCap ? held.tokens : claim.wanted;
    const usd = (tokens: number) => claim.inputUsd + claim.usdPerToken * tokens;
    const usage = (tokens: number) => ({ ...noUsage, requests: 1, input: 100, output: tokens, costUsd: usd(tokens) });
    const charge = begun(() => this.#ledger.begin(account, held, usage(most)));
    if (!charge) return "provider";
    const bill = provider.accept(attempt, usd(0), usd(most));
    await sleep(process, dice.between(300, 8_000), cut.signal);
    const isCut = !alive() || cut.signal.aborted;
    const fails = !isCut && (trouble.isOn("provider-down") || (trouble.agentsMayFail && dice.chance(0.004)));
    const tokens = dice.whole(0, isCut ? Math.ceil(most / 4) : most);
    bill(fails ? 0 : usd(tokens));
    const billed = fails ? noUsage : bugs.forgetsMoney ? { ...usage(0), costUsd: 0 } : usage(tokens);
    this.#ledger.settle(charge, billed);
    if (team !== null && !fails) onUsage(attempt, team, account.usage);
    const since = trouble.since("provider-down");
    if (fails && team !== null && since !== null) provider.onOutage(team, attempt, { since, at: process.monotonic() });
    if (fails) return "provider";
    return isCut ? "refused" : "answered";
  }
}

/** Undefined where the disk has no room for it: the request may not go out. */
function begun<T>(begin: () => T): T | undefined {
  try {
    return begin();
  } catch (error) {
    if (codeOf(error) !== "DISK_FULL") throw error;
    return undefined;
  }
}
