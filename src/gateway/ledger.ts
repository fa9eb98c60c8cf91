/**
 * What each attempt, task and team has spent and reserved on this node, and the node in all: by hour, and ever.
 *
 * Each change is in the store before it counts: a reservation before its request goes out, so that a process that starts
 * anew charges what was under way at its worst case. Of attempts of a closed team only their sums stay, until those are
 * reported.
 */
import type { Clock } from "../lib/clock.ts";
import { GodelError } from "../lib/errors.ts";
import { type Allowed, type Limit, moneyOf, noLimit } from "../model/budget.ts";
import type { AttemptId, TeamId } from "../model/records.ts";
import { addUsage, noUsage, type Usage } from "../model/usage.ts";
import { Allowances } from "./allowances.ts";
import { type Entry, foldEntries, type LedgerStore, type Payer } from "./ledger-entries.ts";
import type { Purse, Reservation } from "./purse.ts";
import { type Account, type AttemptMoney, payerOf, Scopes, type Spender, type TeamMoney } from "./scopes.ts";

/** A request that is under way, and paid for. */
export interface Charge {
  id: number;
  account: Account;
  reservation: Reservation;
}

export interface LedgerOptions {
  store: LedgerStore;
  clock: Clock;
  /** A provider billed `usd` more than it had been capped to. */
  onOverrun?(team: TeamId, usd: number): void;
}

const rewriteAfter = 200_000; // entries, some 50 MB
export class Ledger {
  private readonly options: LedgerOptions;
  private readonly scopes: Scopes;
  private total: Usage = noUsage;
  /** Hour since 1970, and what was spent in it. */
  private inHour = { hour: 0, usage: noUsage as Usage };
  private readonly lowered = new Allowances();
  private ids = 0;
  private readonly underWay = new Map<number, Extract<Entry, { type: "reserved" }>>();
  /** Entries since the store was last written anew. */
  private appended = 0;
  private report: ((spender: Spender, usage: Usage) => boolean) | undefined;

  constructor(options: LedgerOptions) {
    this.options = options;
    this.scopes = new Scopes(options.clock, options.onOverrun);
    this.replay(options.store.load());
  }

  /** The scopes around all teams: their requests wait for one another there. */
  get shared(): readonly Purse[] {
    return [this.scopes.hour, this.scopes.fleet];
  }

  /** What this node may spend an hour, and ever. */
  limit(hour: Allowed, fleet: Allowed): void {
    const { hour: now, fleet: ever } = this.scopes;
    now.reopen(this.lowered.within("hour", hour), now.spent);
    ever.reopen(this.lowered.within("fleet", fleet), ever.spent);
  }

  /** Keeps to half of what is left of an allowance, and says what that is in all. Null where it is another one by now. */
  giveBack(scope: string, version: number): Limit | null {
    const purse = { hour: this.scopes.hour, fleet: this.scopes.fleet }[scope] ?? this.purseOf(scope);
    if (!purse || this.lowered.versionOf(scope) !== version) return null;
    const limit = this.lowered.lower(scope, purse);
    this.append({ type: "lowered", scope, limit });
    purse.reopen(limit, purse.spent);
    return { usd: limit.usd, tokens: limit.tokens };
  }

  /** May come again, with another limit. */
  openTeam({ id, limit, spent }: TeamMoney): void {
    const team = this.scopes.team(id);
    team.open = true;
    if (team.closed) this.note({ type: "opened", team: id });
    team.closed = false;
    team.purse.reopen(this.lowered.within(id, limit), spent);
  }

  closeTeam(id: TeamId): void {
    const team = this.scopes.teams.get(id);
    if (!team?.open) return;
    team.open = false;
    team.closed = true;
    this.note({ type: "closed", team: id });
  }

  /** The account of an attempt: the same one each time. @throws GodelError TEAM_NOT_FOUND */
  account(money: AttemptMoney): Account {
    const { attempt, team, task = null, attemptLimit = noLimit, taskLimit = noLimit, taskSpent } = money;
    if (team !== null && !this.scopes.teams.get(team)?.open) {
      throw new GodelError("TEAM_NOT_FOUND", `team ${team} is not open at this gateway`);
    }
    const planning = attempt === null && team !== null;
    const account = this.scopes.account({ attempt, task, team, ...(planning && { planning }) });
    if (task !== null) this.scopes.task(task, team).reopen(taskLimit, taskSpent ?? { usd: 0, tokens: 0 });
    account.purse.reopen(attemptLimit, account.purse.spent);
    return account;
  }

  /**
   * Writes down what was reserved. After it the request may go out.
   * @throws GodelError DISK_FULL, when the reservation has been released
   */
  begin(account: Account, reservation: Reservation, worst: Usage): Charge {
    const id = ++this.ids;
    const entry = { type: "reserved", id, at: this.now, worst, ...payerOf(account) } as const;
    try {
      this.append(entry);
    } catch (error) {
      account.purse.release(reservation);
      throw error;
    }
    this.underWay.set(id, entry);
    return { id, account, reservation };
  }

  /** Counts what a request has used, and ends what was reserved for it. */
  settle({ id, account, reservation }: Charge, usage: Usage): void {
    // On a full disk it counts here alone: a process that starts anew would charge the worst case, which is safe.
    this.note({ type: "settled", id, at: this.now, usage });
    this.underWay.delete(id);
    this.count(account, usage, this.now);
    account.purse.settle(reservation, moneyOf(usage));
    if (this.appended > rewriteAfter && this.report) this.recover(this.report);
  }

  usageOf(attempt: AttemptId): Usage {
    return this.scopes.accounts.get(attempt)?.usage ?? noUsage;
  }

  /** What planning has taken for a team, so far. */
  plannedOf(team: TeamId): Usage {
    return this.scopes.teams.get(team)?.planned ?? noUsage;
  }

  /** Whether its last turn was had. */
  isEnded(attempt: AttemptId): boolean {
    return this.scopes.accounts.get(attempt)?.ended === true;
  }

  /** The money of a team that is known. */
  purseOf(team: TeamId): Purse | undefined {
    return this.scopes.teams.get(team)?.purse;
  }

  /**
   * What every attempt and the planning of every team has spent, as the ledger knows it. `report` says whether it is told for good; then attempts of
   * closed teams are forgotten, and the store is written anew without what is behind it.
   */
  recover(report: (spender: Spender, usage: Usage) => boolean): void {
    this.report = report;
    this.appended = 0;
    let safe = true;
    for (const [spender, usage] of this.scopes.spenders()) safe = report(spender, usage) && safe;
    if (!safe) return;
    for (const [id, { closed }] of this.scopes.teams) if (closed) this.scopes.forget(id);
    try {
      this.options.store.rewrite([...this.summary()]);
    } catch (error) {
      if (!isFull(error)) throw error;
    }
  }

  close = (): void => this.options.store.close();

  private replay(entries: readonly Entry[]): void {
    const { spent, total, marks, lowered, unsettled, lastId } = foldEntries(entries);
    this.ids = lastId;
    if (total) this.retotal(total);
    for (const { payer, usage, at } of spent) this.recount(payer, usage, at);
    for (const [scope, limit] of lowered) this.lowered.set(scope, limit);
    for (const [team, closed] of marks) this.scopes.team(team).closed = closed;
    for (const { id, at, worst } of unsettled) this.note({ type: "settled", id, at, usage: worst });
  }

  /** `at`: when it was spent; null for what `retotal` has counted in all already. */
  private recount(payer: Payer, usage: Usage, at: number | null): void {
    const account = this.scopes.account(payer);
    const { purse } = account;
    const within = at === null ? purse.chain.filter(({ scope }) => scope !== "hour" && scope !== "fleet") : purse.chain;
    for (const one of within)
      if (one !== this.scopes.hour || hourOf(at ?? 0) === hourOf(this.now)) one.charge(moneyOf(usage));
    if (at === null) this.scopes.count(account, usage);
    else this.count(account, usage, at);
  }

  private retotal({ usage, hour, inHour }: Extract<Entry, { type: "total" }>): void {
    this.total = usage;
    this.inHour = { hour, usage: inHour };
    this.scopes.fleet.charge(moneyOf(usage));
    if (hour === hourOf(this.now)) this.scopes.hour.charge(moneyOf(inHour));
  }

  private count(account: Account, usage: Usage, at: number): void {
    this.scopes.count(account, usage);
    this.total = addUsage(this.total, usage);
    const hour = hourOf(at);
    this.inHour = { hour, usage: addUsage(this.inHour.hour === hour ? this.inHour.usage : noUsage, usage) };
  }

  private *summary(): Generator<Entry> {
    yield { type: "total", usage: this.total, hour: this.inHour.hour, inHour: this.inHour.usage };
    yield* this.scopes.summary();
    for (const [scope, limit] of this.lowered.given) yield { type: "lowered", scope, limit };
    yield* this.underWay.values();
  }

  /** What may be missing after a crash, and then only makes work. */
  private note(entry: Entry): void {
    try {
      this.append(entry);
    } catch (error) {
      if (!isFull(error)) throw error;
    }
  }

  private append(entry: Entry): void {
    this.appended++;
    this.options.store.append(entry);
  }

  private get now(): number {
    return this.options.clock.wall();
  }
}

function hourOf(at: number): number {
  return Math.floor(at / 3_600_000);
}

function isFull(error: unknown): boolean {
  return error instanceof GodelError && error.code === "DISK_FULL";
}
