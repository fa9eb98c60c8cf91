import { GodelError } from "../lib/errors.ts";
import type { AttemptId, TeamId } from "../model/records.ts";
import { addUsage, noUsage, type Usage } from "../model/usage.ts";
import { type Holder, Purse, type Reservation } from "./purse.ts";

/** Who pays for a request. Requests of no team (planning before there is one) are counted, never limited. */
export interface Account extends Holder {
  attempt: AttemptId | null;
  purse: Purse | null;
  usage: Usage;
}

export interface TeamMoney {
  id: TeamId;
  budgetUsd: number | null;
  /** What the engine knows the team to have spent, on any node and before any restart. */
  spentUsd: number;
}

/** What each attempt and each team has spent and reserved. In memory: the engine's journal remembers, through `onUsage`. */
export class Ledger {
  private readonly onOverrun: (team: TeamId, usd: number) => void;
  private readonly purses = new Map<TeamId, Purse>();
  private readonly accounts = new Map<AttemptId, Account>();

  /** `onOverrun`: a provider billed `usd` more than it had been capped to. */
  constructor(onOverrun: (team: TeamId, usd: number) => void = () => {}) {
    this.onOverrun = onOverrun;
  }

  /** May come again, with another budget. */
  openTeam({ id, budgetUsd, spentUsd }: TeamMoney): void {
    const known = this.purses.get(id);
    if (known) known.reopen(budgetUsd, spentUsd);
    else this.purses.set(id, new Purse(id, { budgetUsd, spentUsd }, (usd) => this.onOverrun(id, usd)));
  }

  closeTeam(id: TeamId): void {
    this.purses.delete(id);
    for (const [attempt, { purse }] of this.accounts) if (purse?.id === id) this.accounts.delete(attempt);
  }

  /** The account of an attempt: the same one each time. @throws GodelError TEAM_NOT_FOUND */
  account(attempt: AttemptId | null, team: TeamId | null): Account {
    const known = attempt === null ? undefined : this.accounts.get(attempt);
    if (known) return known;
    const account: Account = {
      attempt,
      purse: team === null ? null : this.purse(team),
      usage: noUsage,
      reservedUsd: 0,
    };
    if (attempt !== null) this.accounts.set(attempt, account);
    return account;
  }

  /** Counts what a request has used, and ends what was reserved for it. */
  charge(account: Account, usage: Usage, reservation: Reservation | null = null): void {
    account.usage = addUsage(account.usage, usage);
    if (reservation) account.purse?.settle(reservation, usage.costUsd);
    else account.purse?.charge(usage.costUsd);
  }

  usageOf(attempt: AttemptId): Usage {
    return this.accounts.get(attempt)?.usage ?? noUsage;
  }

  /** The money of a team that is open. */
  purseOf(team: TeamId): Purse | undefined {
    return this.purses.get(team);
  }

  private purse(team: TeamId): Purse {
    const purse = this.purses.get(team);
    if (!purse) throw new GodelError("TEAM_NOT_FOUND", `team ${team} is not open at this gateway`);
    return purse;
  }
}

export function isExhausted({ purse }: Account): boolean {
  return purse?.isSpent ?? false;
}
