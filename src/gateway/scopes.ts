/** Every scope that money is kept in on this node: accounts of attempts within tasks, teams, the hour and the fleet. */
import type { Clock } from "../lib/clock.ts";
import type { Allowed, Limit, Money } from "../model/budget.ts";
import type { AgentId, AttemptId, TaskId, TeamId } from "../model/records.ts";
import type { Share } from "../model/share.ts";
import { addUsage, noUsage, type Usage, usageSince } from "../model/usage.ts";
import type { Entry, Payer } from "./ledger-entries.ts";
import { Purse } from "./purse.ts";

/** Who pays for a request. */
export interface Account extends Payer {
  /** Its own scope, within all around it. */
  purse: Purse;
  usage: Usage;
  /** It has had its last turn: its budget has room for no other. */
  ended: boolean;
}

/** Whose spending is told: an attempt, or the planning of a team. */
export type Spender = { attempt: AttemptId } | { planningOf: TeamId };

export interface TeamMoney {
  id: TeamId;
  /** What this node may spend of it in all. */
  limit: Allowed;
  /** What the engine knows of it to be spent on this node: at most what is known here, unless the ledger was lost. */
  spent: Money;
  /** What it is due of the turns at a provider. */
  share?: Share | undefined;
  /** The model that it may use when all that is set up is out. */
  standIn?: string | undefined;
}

/** What a grant may spend, beyond what its team may. */
export interface AttemptMoney {
  attempt: AttemptId | null;
  task?: TaskId | null;
  team: TeamId | null;
  attemptLimit?: Limit;
  taskLimit?: Limit;
  /** What earlier attempts at the task have spent, on any node. */
  taskSpent?: Money;
}

export interface GrantRequest extends AttemptMoney {
  attempt: AttemptId;
  task: TaskId;
  agent: AgentId;
  team: TeamId;
  /** `PROVIDER/ID` or `demo`. */
  model: string;
}

export interface TeamScope {
  purse: Purse;
  open: boolean;
  /** It was open, and has been closed: once told, its attempts may be forgotten. */
  closed: boolean;
  usage: Usage;
  /** Of that, what planning took. */
  planned: Usage;
}

/** Each is made when it is first asked for. */
export class Scopes {
  readonly fleet = new Purse({ scope: "fleet", id: "all" });
  readonly hour: Purse;
  readonly teams = new Map<TeamId, TeamScope>();
  readonly accounts = new Map<AttemptId, Account>();
  private readonly tasks = new Map<TaskId, Purse>();
  private readonly onOverrun: (team: TeamId, usd: number) => void;

  constructor(clock: Clock, onOverrun: (team: TeamId, usd: number) => void = () => {}) {
    this.hour = new Purse({ scope: "hour", id: "now", above: this.fleet, clock });
    this.onOverrun = onOverrun;
  }

  /** The account of an attempt: the same one each time. Without an attempt a new one. */
  account({ attempt, task, team, planning }: Payer): Account {
    const known = attempt === null ? undefined : this.accounts.get(attempt);
    if (known) return known;
    const above = task === null ? this.around(team) : this.task(task, team);
    const purse = new Purse({ scope: "attempt", id: attempt ?? "", above });
    const account = { attempt, task, team, purse, usage: noUsage, ended: false, ...(planning && { planning }) };
    if (attempt !== null) this.accounts.set(attempt, account);
    return account;
  }

  task(id: TaskId, team: TeamId | null): Purse {
    const purse = this.tasks.get(id) ?? new Purse({ scope: "task", id, above: this.around(team) });
    this.tasks.set(id, purse);
    return purse;
  }

  team(id: TeamId): TeamScope {
    const known = this.teams.get(id);
    if (known) return known;
    const onOverrun = (usd: number) => this.onOverrun(id, usd);
    const purse = new Purse({ scope: "team", id, above: this.hour, onOverrun });
    const team = { purse, open: false, closed: false, usage: noUsage, planned: noUsage };
    this.teams.set(id, team);
    return team;
  }

  /** Counts what was used, in the account and its team. */
  count(account: Account, usage: Usage): void {
    account.usage = addUsage(account.usage, usage);
    if (account.team === null) return;
    const team = this.team(account.team);
    team.usage = addUsage(team.usage, usage);
    if (account.planning) team.planned = addUsage(team.planned, usage);
  }

  /** Everybody who has spent, with all of it. */
  *spenders(): Generator<[Spender, Usage]> {
    for (const { attempt, usage } of this.accounts.values())
      if (attempt !== null && usage.requests > 0) yield [{ attempt }, usage];
    for (const [planningOf, { planned }] of this.teams) if (planned.requests > 0) yield [{ planningOf }, planned];
  }

  /** The entries that say as much as all that were written of teams. */
  *summary(): Generator<Entry> {
    for (const [id, team] of this.teams) {
      let rest = usageSince(team.usage, team.planned);
      for (const account of this.accounts.values()) {
        if (account.team !== id) continue;
        rest = usageSince(rest, account.usage);
        yield { type: "spent", ...payerOf(account), usage: account.usage };
      }
      const nobody = { type: "spent", attempt: null, task: null, team: id } as const;
      if (team.planned.requests > 0) yield { ...nobody, planning: true, usage: team.planned };
      // What is forgotten.
      yield { ...nobody, usage: rest };
      if (team.closed) yield { type: "closed", team: id };
    }
  }

  /** Keeps the sum of a team, and forgets what of it was planning, its attempts and its tasks. O(attempts). */
  forget(id: TeamId): void {
    for (const [attempt, { team }] of this.accounts) if (team === id) this.accounts.delete(attempt);
    this.team(id).planned = noUsage;
    for (const task of this.tasks.keys()) if (task.startsWith(`${id}/`)) this.tasks.delete(task);
  }

  private around(team: TeamId | null): Purse {
    return team === null ? this.hour : this.team(team).purse;
  }
}

export function payerOf({ attempt, task, team, planning }: Payer): Payer {
  return { attempt, task, team, ...(planning && { planning }) };
}
