import { GodelError } from "../lib/errors.ts";
import type { AttemptId, TeamId } from "../model/records.ts";
import { addUsage, noUsage, type Usage } from "../model/usage.ts";

/** A team's money, in USD. */
interface Purse {
  id: TeamId;
  /** null: no limit. */
  budgetUsd: number | null;
  spentUsd: number;
}

/** Who pays for a request. Requests of no team (planning before there is one) are counted, never limited. */
export interface Account {
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

/** What each attempt and each team has spent. In memory: the engine's journal remembers, through `onUsage`. */
export class Ledger {
  private readonly purses = new Map<TeamId, Purse>();
  private readonly accounts = new Map<AttemptId, Account>();

  /** May come again: an engine that restarts knows at most what is known here, so the larger sum holds. */
  openTeam({ id, budgetUsd, spentUsd }: TeamMoney): void {
    const purse = this.purses.get(id);
    if (purse === undefined) this.purses.set(id, { id, budgetUsd, spentUsd });
    else Object.assign(purse, { budgetUsd, spentUsd: Math.max(purse.spentUsd, spentUsd) });
  }

  closeTeam(id: TeamId): void {
    this.purses.delete(id);
    for (const [attempt, { purse }] of this.accounts) if (purse?.id === id) this.accounts.delete(attempt);
  }

  /** The account of an attempt: the same one each time. @throws GodelError TEAM_NOT_FOUND */
  account(attempt: AttemptId | null, team: TeamId | null): Account {
    const known = attempt === null ? undefined : this.accounts.get(attempt);
    if (known) return known;
    const purse = team === null ? null : this.purse(team);
    const account: Account = { attempt, purse, usage: noUsage };
    if (attempt !== null) this.accounts.set(attempt, account);
    return account;
  }

  charge(account: Account, usage: Usage): void {
    account.usage = addUsage(account.usage, usage);
    if (account.purse) account.purse.spentUsd += usage.costUsd;
  }

  usageOf(attempt: AttemptId): Usage {
    return this.accounts.get(attempt)?.usage ?? noUsage;
  }

  /** USD; 0 for a team that is not open. */
  spentOf(team: TeamId): number {
    return this.purses.get(team)?.spentUsd ?? 0;
  }

  private purse(team: TeamId): Purse {
    const purse = this.purses.get(team);
    if (!purse) throw new GodelError("TEAM_NOT_FOUND", `team ${team} is not open at this gateway`);
    return purse;
  }
}

export function isExhausted({ purse }: Account): boolean {
  return purse !== null && purse.budgetUsd !== null && purse.spentUsd >= purse.budgetUsd;
}
