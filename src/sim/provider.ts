import type { GivenProvider } from "../gateway/limits/provider-options.ts";
import { type AccountOptions, SimulatedAccount, type Verdict } from "../gateway/simulator/account.ts";
import { present } from "../lib/assert.ts";
import type { Millis } from "../lib/clock.ts";
import type { AttemptId } from "../model/records.ts";
import type { BrokenPromise } from "./broken-promise.ts";
import type { Dice } from "./dice.ts";
import type { Outages } from "./outages.ts";
import type { Process } from "./timeline.ts";

/** A request that the provider works on. */
interface Ticket {
  /** The process of the gateway that asked. */
  by: Process;
  attempt: AttemptId;
  leastUsd: number;
  mostUsd: number;
}

/** Who sells the models: it outlives every process, and knows what it charged for. */
export class Provider {
  /** USD, by attempt. */
  readonly charged = new Map<AttemptId, number>();
  /** Attempts whose gateway died before it had written down how a request ended: it must reckon with the worst. */
  readonly interrupted = new Set<AttemptId>();
  readonly #open = new Set<Ticket>();
  readonly accounts: SimAccounts;
  /** Set when a gateway did with a limit what it may not. */
  broken: BrokenPromise | null = null;

  constructor(plan: ProviderPlan) {
    this.accounts = new SimAccounts(plan);
  }

  /** Called for each request that fails because nobody answers. */
  onOutage: Outages["failed"] = () => {};

  /** Takes a request that it may bill anything between the two for. The returned function ends it. */
  accept(ticket: Ticket): (usd: number) => void {
    this.#open.add(ticket);
    return (usd) => {
      if (this.#open.delete(ticket)) this.#charge(ticket.attempt, usd);
    };
  }

  /** Whoever asked does not listen any more: it goes on to the end all the same, and bills it. */
  abandon(by: Process, dice: Dice): void {
    for (const ticket of this.#open) {
      if (ticket.by !== by) continue;
      const { attempt, leastUsd, mostUsd } = ticket;
      this.#open.delete(ticket);
      this.#charge(attempt, dice.chance(0.3) ? mostUsd : dice.between(leastUsd, mostUsd));
    }
  }

  #charge(attempt: AttemptId, usd: number): void {
    this.charged.set(attempt, (this.charged.get(attempt) ?? 0) + usd);
  }
}

/** What the provider tells of its limits, and how much of it a scenario's fleet may ask for. */
export interface ProviderPlan {
  requestsPerMinute: number;
  says: AccountOptions["says"];
  accounts: 1 | 2;
  /** Whether people have told the gateway of the limit. */
  told: boolean;
}

/** A provider's accounts: they outlive every process. */
export class SimAccounts {
  readonly #accounts = new Map<string, SimulatedAccount>();
  readonly #plan: ProviderPlan;
  #quota = { account: "", until: 0 };

  constructor(plan: ProviderPlan) {
    this.#plan = plan;
    for (const name of ["FIRST_KEY", "SECOND_KEY"].slice(0, plan.accounts)) {
      this.#accounts.set(name, new SimulatedAccount({ requestsPerMinute: plan.requestsPerMinute, says: plan.says }));
    }
  }

  /** As godel.yaml says it. */
  get options(): GivenProvider {
    const { told, requestsPerMinute, accounts } = this.#plan;
    return { accounts: accounts === 2 ? ["SECOND_KEY"] : [], ...(told && { requestsPerMinute }) };
  }

  ask(account: string, at: Millis): Verdict & { body: string } {
    const verdict = present(this.#accounts.get(account), `account ${account}`).ask(at);
    const isSpent = this.#quota.account === account && at < this.#quota.until;
    return { ...verdict, body: isSpent ? '{"error":{"code":"insufficient_quota"}}' : "{}" };
  }

  /** Nothing is let in by any account, as when the minute is full. */
  storm(until: Millis): void {
    for (const account of this.#accounts.values()) account.exhaustUntil(until);
  }

  /** The money of one account is used up. */
  spendQuota(roll: number, until: Millis): void {
    const names = [...this.#accounts.keys()];
    const name = names[Math.floor(roll * names.length)] ?? "FIRST_KEY";
    this.#accounts.get(name)?.exhaustUntil(until);
    this.#quota = { account: name, until };
  }
}
