import type { End } from "../gateway/exchange.ts";
import type { Charge, Ledger } from "../gateway/ledger.ts";
import type { Asked as AskedOnce, Hooks } from "../gateway/passage.ts";
import { noCounts } from "../gateway/prices.ts";
import { refusals } from "../gateway/refusal.ts";
import type { Account, Spender } from "../gateway/scopes.ts";
import { isReserved, WaitingLines } from "../gateway/waiting-line.ts";
import type { Millis } from "../lib/clock.ts";
import { codeOf } from "../lib/errors.ts";
import { noMoney } from "../model/budget.ts";
import { noUsage, type Usage } from "../model/usage.ts";
import { BrokenPromise } from "./broken-promise.ts";
import type { Bugs } from "./bugs.ts";
import type { Dice } from "./dice.ts";
import type { LedgerDisk } from "./ledger-disk.ts";
import type { Provider } from "./provider.ts";
import { RateLimits } from "./rate-limits.ts";
import { type Ask, SimPassage } from "./sim-passage.ts";
import type { Process } from "./timeline.ts";
import type { Trouble } from "./trouble.ts";

export interface ModelParts {
  process: Process;
  provider: Provider;
  ledger: LedgerDisk;
  dice: Dice;
  trouble: Trouble;
  bugs: Bugs;
  onUsage(spender: Spender, cumulative: Usage): void;
}

export interface Grant {
  account: Account;
  model: string;
  /** False once revoked. */
  live: boolean;
  /** Each ends a request that waits. */
  running: Set<() => void>;
  /** Ends requests that are under way. */
  cut: AbortController;
}

/** What an agent is told in the end: null while nothing is. */
interface Asked {
  answer: Answer | null;
  /** Since when the provider that failed it has been down. */
  since: Millis | null;
}

interface Asking {
  account: string;
  hooks: Hooks;
  asked: Asked;
}

interface Sending extends Asking {
  /** Tokens of output that it may take. */
  most: number;
  alive(): boolean;
}

const noHooks: Hooks = { isStale: () => false, onAccepted: () => {}, onFirst: () => {} };
const gone: End = { kind: "gone", counts: null };

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
const refused = { spent: "budget", late: "provider", full: "provider", gone: "refused" } as const;

export type Answer = "answered" | "refused" | "budget" | "provider";

/** Requests of agents at the gateway of one node process: the shipped reservations and limits, and a simulated provider. */
export class Requests {
  readonly passage: SimPassage;
  readonly #parts: ModelParts;
  readonly #ledger: Ledger;
  readonly #lines: WaitingLines;
  readonly #limits: RateLimits;

  constructor(parts: ModelParts, ledger: Ledger) {
    this.#parts = parts;
    this.#ledger = ledger;
    this.#lines = new WaitingLines({ clock: parts.process, waitMs: 60_000, maxWaiting: 100 }, ledger.shared);
    this.passage = new SimPassage({ ...parts, accounts: parts.provider.accounts });
    this.#limits = new RateLimits((promise, seen) => {
      parts.provider.broken ??= new BrokenPromise(promise, seen);
    });
  }

  /** One request of an agent, repeated as the gateway does. One that is cut has cost something too. */
  async request(grant: Grant, alive: () => boolean): Promise<Answer> {
    if (grant.account.purse.spentIn) return "budget";
    const { provider, process, bugs } = this.#parts;
    const asked: Asked = { answer: null, since: null };
    const ask: Ask = (account, hooks) => this.#ask(grant, alive, { account, hooks, asked });
    const answered = bugs.asksOnce
      ? await ask("FIRST_KEY", noHooks)
      : await this.passage.carry(grant, grant.account, grant.model, ask);
    const { team } = grant.account;
    if (asked.answer === "provider" && team !== null && asked.since !== null)
      provider.onOutage(team, grant.account.attempt ?? "", { since: asked.since, at: process.monotonic() });
    return asked.answer ?? (answered ? "provider" : "refused");
  }

  /** Pays for it, asks once, and counts what it took. */
  async #ask(grant: Grant, alive: () => boolean, { account, hooks, asked }: Asking): Promise<AskedOnce> {
    const { bugs } = this.#parts;
    const { purse } = grant.account;
    asked.answer = "refused";
    if (!alive() || grant.cut.signal.aborted) return gone;
    const held = purse.mayRefuse(false)
      ? await this.#lines.reserve(purse, claim, () => grant.cut.signal)
      : purse.admit();
    if (!isReserved(held)) {
      asked.answer = refused[held.why];
      return refusals.crowded();
    }
    if (hooks.isStale()) {
      purse.release(held);
      asked.answer = null;
      return "stale";
    }
    const most = purse.mayRefuse(false) && !bugs.forgetsCap ? held.tokens : claim.wanted;
    const charge = begun(() => this.#ledger.begin(grant.account, held, usageOf(most)));
    if (charge) return this.#send(grant, charge, { most, alive, account, hooks, asked });
    asked.answer = "provider";
    return refusals.noLedger("it is full");
  }

  async #send(grant: Grant, charge: Charge, { most, alive, account, hooks, asked }: Sending): Promise<End> {
    const { process, provider, dice, trouble } = this.#parts;
    const { attempt } = grant.account;
    const bill = provider.accept({ by: process, attempt: attempt ?? "", leastUsd: usd(0), mostUsd: usd(most) });
    const sent = this.#limits.sent(account, attempt ?? "", process.monotonic());
    const since = trouble.since("provider-down");
    const verdict = since === null ? provider.accounts.ask(account, process.monotonic()) : null;
    await pause(process, dice.between(20, 500), grant);
    if (verdict?.status === 429 && !grant.cut.signal.aborted) {
      this.#settle(grant, charge, bill, null);
      this.#limits.refused(sent, 1_000 * Number(verdict.headers["retry-after"] ?? 0), process.monotonic());
      asked.answer = null;
      return { kind: "refused", counts: null, status: 429, headers: verdict.headers, body: Buffer.from(verdict.body) };
    }
    if (verdict?.status === 200 && !grant.cut.signal.aborted) {
      this.#limits.ended(sent, true);
      hooks.onAccepted(verdict.headers);
      hooks.onFirst();
      await pause(process, dice.between(300, 8_000), grant);
    } else this.#limits.ended(sent, false);
    const isCut = !alive() || grant.cut.signal.aborted;
    const isDown = since !== null || trouble.isOn("provider-down");
    const fails = !isCut && (isDown || (trouble.agentsMayFail && dice.chance(0.004)));
    const tokens = dice.whole(0, isCut ? Math.ceil(most / 4) : most);
    this.#settle(grant, charge, bill, fails || verdict?.status === 429 ? null : tokens);
    asked.answer = fails ? "provider" : isCut ? "refused" : "answered";
    asked.since = since ?? trouble.since("provider-down");
    if (fails && verdict === null)
      return { kind: "failed", counts: null, refusal: refusals.unreachable("sim", "ECONNREFUSED") };
    if (isCut) return { kind: "gone", counts: { ...noCounts, input: claim.inputTokens, output: tokens } };
    return {
      kind: "passed",
      whole: !fails,
      counts: fails ? null : { ...noCounts, input: claim.inputTokens, output: tokens },
    };
  }

  /** `tokens`: of its answer; null where nothing is billed. */
  #settle({ account }: Grant, charge: Charge, bill: (usd: number) => void, tokens: number | null): void {
    const { bugs, onUsage } = this.#parts;
    bill(tokens === null ? 0 : usd(tokens));
    const billed = tokens === null ? noUsage : bugs.forgetsMoney ? { ...usageOf(0), costUsd: 0 } : usageOf(tokens);
    this.#ledger.settle(charge, billed);
    if (account.attempt !== null && tokens !== null) onUsage({ attempt: account.attempt }, account.usage);
  }
}

/** Until the time is over, or the grant is revoked. */
function pause(process: Process, ms: Millis, { live, running }: Grant): Promise<void> {
  return new Promise((resolve) => {
    if (!live) return resolve();
    const end = () => {
      cancel();
      running.delete(end);
      resolve();
    };
    const cancel = process.after(ms, end);
    running.add(end);
  });
}

function usd(tokens: number): number {
  return claim.inputUsd + claim.usdPerToken * tokens;
}

function usageOf(tokens: number): Usage {
  return { ...noUsage, requests: 1, input: claim.inputTokens, output: tokens, costUsd: usd(tokens) };
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
