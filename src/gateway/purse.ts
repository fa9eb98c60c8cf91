/**
 * One scope's money, in USD and tokens, and the promise that is kept with it: spent + reserved <= limit, after every
 * operation. Scopes lie within one another, and a reservation is made in all of them at once or in none:
 *
 *   attempt < task < team < hour < fleet
 *
 *   reserve (worst case) → settle (what it took, the rest is free again)
 *                        → release (nothing was billed)
 *
 * The one way past a limit is a provider that bills more than the request's maximum allowed it to. That is counted in
 * `overrunUsd` and told to `onOverrun`; it cannot happen silently.
 */
import { assert } from "../lib/assert.ts";
import type { Clock, Millis } from "../lib/clock.ts";
import { addMoney, type Limit, leftOf, lessMoney, type Money, noLimit, noMoney } from "../model/budget.ts";
import { type Claim, tokensFor, worstUsd } from "./claim.ts";

export type Scope = "attempt" | "task" | "team" | "hour" | "fleet";

export interface Reservation {
  /** The innermost scope. */
  readonly purse: Purse;
  readonly usd: number;
  /** What the request may count at most, input and output. */
  readonly counted: number;
  /** What the request may put out at most. */
  readonly tokens: number;
}

/** Why a claim does not fit. */
export interface Blocked {
  /** Others have reserved what is missing; it would not fit if they gave all back; nor would it, but the hour turns. */
  why: "reserved" | "spent" | "hour";
  by: Purse;
}

/** A fair share does not shrink below so many tokens of output: an answer that is cut in mid-file is paid for and of no use. */
const fairTokens = 4_096;

/** Of the budget, never given out: sums of floating-point numbers in another order differ in their last digits. */
const keptBack = 1e-9;

const hourMs = 3_600_000;

export interface PurseOptions {
  scope: Scope;
  id: string;
  /** The scope around this one. */
  above?: Purse | null;
  limit?: Limit;
  spent?: Money;
  /** Of a purse that is full again each hour of wall time. */
  clock?: Clock;
  onOverrun?(usd: number): void;
}

export class Purse {
  readonly scope: Scope;
  readonly id: string;
  /** This one, and all around it. */
  readonly chain: readonly Purse[];
  /** Grants within it that are live; each may ask at any time. */
  grants = 0;
  /** Called when what is free may have grown. */
  onFreed: () => void = () => {};
  private readonly options: PurseOptions;
  private limits: Limit;
  private gone: Money;
  private held: Money = noMoney;
  /** How many reservations there are. */
  private count = 0;
  private overrun: Money = noMoney;
  /** What was gone when the limit was last set: it may have been set below that. */
  private atOpening: Money;
  /** Of a purse by the hour: the hour since 1970 that `gone` is of. */
  private hour: number;

  constructor(options: PurseOptions) {
    const { scope, id, above = null, limit = noLimit, spent = noMoney } = options;
    this.options = options;
    this.scope = scope;
    this.id = id;
    this.chain = [this, ...(above?.chain ?? [])];
    this.limits = limit;
    this.gone = spent;
    this.atOpening = spent;
    this.hour = this.currentHour;
  }

  get limit(): Limit {
    return this.limits;
  }
  get spent(): Money {
    return this.gone;
  }
  get reserved(): Money {
    return this.held;
  }

  /** What was billed beyond what it had been capped to, or for a request that was let in before there was a limit. */
  get overrunUsd(): number {
    return this.overrun.usd;
  }

  /** The scope in which nothing is left and nothing will be, if there is one. */
  get spentIn(): Purse | undefined {
    return this.chain.find(({ limits, gone, options }) => {
      const left = leftOf(limits, gone);
      return !options.clock && (left.usd <= (limits.usd ?? 0) * keptBack || left.tokens <= 0);
    });
  }

  /** Whether a request at such prices can be refused for want of money. */
  mayRefuse(free: boolean): boolean {
    return this.chain.some(({ limits }) => limits.tokens !== null || (limits.usd !== null && !free));
  }
  /** Whose requests wait in one line: the team's, or those of the outermost scope. */
  get lineOwner(): Purse {
    return this.chain.find(({ scope }) => scope === "team") ?? (this.chain.at(-1) as Purse);
  }

  /** Until it is full again, in ms; null for a purse that is never. */
  get turnsInMs(): Millis | null {
    const { clock } = this.options;
    return clock ? hourMs - (clock.wall() % hourMs) : null;
  }

  /** A known scope again: the larger sum holds, for an engine that restarts knows at most what is known here. */
  reopen(limit: Limit, spent: Money): void {
    this.limits = limit;
    this.gone = { usd: Math.max(this.gone.usd, spent.usd), tokens: Math.max(this.gone.tokens, spent.tokens) };
    this.atOpening = addMoney(this.gone, this.held);
    this.check();
    this.onFreed();
  }

  /**
   * Reserves a worst case in this scope and all around it, with the output cut to a fair share in each: what is not
   * spent, divided by the live grants, less what is reserved here already, but `fairTokens` at least. With `now`, or when
   * nobody else will give money back, less will do, down to `claim.least`. O(scopes).
   */
  reserve(claim: Claim, now = false): Reservation | Blocked {
    let [fair, free] = [claim.wanted, claim.wanted];
    let tight: Purse = this;
    for (const purse of this.chain) {
      purse.turn();
      const unspent = purse.unspent(claim.spare);
      if (tokensFor(claim, unspent) < claim.least) return { why: purse.options.clock ? "hour" : "spent", by: purse };
      fair = Math.min(fair, tokensFor(claim, purse.share(unspent, this.held)));
      const room = tokensFor(claim, lessMoney(unspent, purse.held));
      if (room < free) [free, tight] = [room, purse];
    }
    fair = Math.max(fair, Math.min(fairTokens, claim.wanted), claim.least);
    if (free >= fair) return this.hold(claim, fair);
    return (now || tight.count === 0) && free >= claim.least ? this.hold(claim, free) : { why: "reserved", by: tight };
  }

  /** A reservation of nothing, for a request that no scope limits. */
  admit(): Reservation {
    return this.hold({ inputUsd: 0, usdPerToken: 0, inputTokens: 0, answers: 0 }, 0);
  }

  /** Ends a reservation with what the request has taken. */
  settle(reservation: Reservation, took: Money): void {
    for (const purse of this.chain) {
      purse.letGo(reservation);
      purse.spend(took, { usd: took.usd - reservation.usd, tokens: took.tokens - reservation.counted });
    }
    for (const purse of this.chain) purse.onFreed();
  }

  release(reservation: Reservation): void {
    this.settle(reservation, noMoney);
  }

  /** What an earlier process spent of this scope: there is no reservation of it here. */
  charge(took: Money): void {
    this.gone = addMoney(this.gone, took);
    this.atOpening = addMoney(this.atOpening, took);
  }

  private unspent(spare: Money): Money {
    const { usd, tokens } = leftOf(this.limits, this.gone);
    return { usd: usd - (this.limits.usd ?? 0) * keptBack - spare.usd, tokens: tokens - spare.tokens };
  }

  private share(unspent: Money, mine: Money): Money {
    const sharers = Math.max(1, this.grants);
    return { usd: unspent.usd / sharers - mine.usd, tokens: unspent.tokens / sharers - mine.tokens };
  }

  private hold(
    claim: Pick<Claim, "inputUsd" | "usdPerToken" | "inputTokens" | "answers">,
    tokens: number,
  ): Reservation {
    const counted = claim.inputTokens + claim.answers * tokens;
    const reservation = { purse: this, usd: worstUsd(claim, tokens), counted, tokens };
    for (const purse of this.chain) {
      purse.count++;
      purse.held = addMoney(purse.held, { usd: reservation.usd, tokens: counted });
      purse.check();
    }
    return reservation;
  }

  private letGo({ usd, counted }: Reservation): void {
    assert(this.count > 0, `${this.scope} ${this.id}: a reservation was ended twice`);
    this.count--;
    // Back to zero exactly, whatever the last digits of the sum have become.
    if (this.count === 0) this.held = noMoney;
    else this.held = { usd: Math.max(0, this.held.usd - usd), tokens: Math.max(0, this.held.tokens - counted) };
  }

  private spend(took: Money, beyond: Money): void {
    this.turn();
    this.gone = addMoney(this.gone, took);
    const { usd, tokens } = this.limits;
    const over = {
      usd: usd === null ? 0 : Math.max(0, beyond.usd),
      tokens: tokens === null ? 0 : Math.max(0, beyond.tokens),
    };
    this.overrun = addMoney(this.overrun, over);
    if (over.usd > 0) this.options.onOverrun?.(over.usd);
    this.check();
  }

  /** A new hour: what is under way counts in it. A clock that is set back does not bring money back. */
  private turn(): void {
    const now = this.currentHour;
    if (now <= this.hour) return;
    this.hour = now;
    this.gone = noMoney;
    this.overrun = noMoney;
    this.atOpening = this.held;
  }

  private get currentHour(): number {
    return Math.floor((this.options.clock?.wall() ?? 0) / hourMs);
  }

  private check(): void {
    for (const unit of ["usd", "tokens"] as const) {
      const limit = this.limits[unit];
      if (limit === null) continue;
      const [gone, held] = [this.gone[unit], this.held[unit]];
      const bound = Math.max(limit, this.atOpening[unit]) + this.overrun[unit];
      assert(gone + held <= bound, `${this.scope} ${this.id}: ${gone} spent + ${held} reserved > ${bound} ${unit}`);
    }
  }
}
