/**
 * One team's money, in USD, and the promise that is kept with it: spent + reserved <= budget, after every operation.
 *
 *   reserve (worst case) → settle (what it took, the rest is free again)
 *                        → release (nothing was billed)
 *
 * The one way past the budget is a provider that bills more than the request's maximum allowed it to. That is counted in
 * `overrunUsd` and told to `onOverrun`; it cannot happen silently.
 *
 * In memory. What was under way when a node was killed is lost with its reservations: the provider may bill it, and
 * nobody here will know. The bound is what was reserved at that instant, for one kill; docs/adr/0009-reservations.md.
 */
import { assert } from "../lib/assert.ts";
import type { TeamId } from "../model/records.ts";

/** What one request asks for. Its worst case is `inputUsd + usdPerToken * tokens` for `tokens` of output. */
export interface Claim {
  holder: Holder;
  inputUsd: number;
  usdPerToken: number;
  /** Output tokens that the request asks for. */
  wanted: number;
  /** The fewest that are of use; at most `wanted`. */
  least: number;
}

/** Who shares a purse with others. */
export interface Holder {
  reservedUsd: number;
}

export interface Reservation {
  readonly holder: Holder;
  readonly usd: number;
  /** What the request may put out at most. */
  readonly tokens: number;
}

/** `wait`: others have reserved what is missing. `spent`: it would not fit if they gave all of it back. */
export type Verdict = Reservation | "wait" | "spent";

/**
 * A fair share does not shrink below so many tokens of output: an answer that is cut in the middle of a file is paid for
 * and of no use. Below it requests wait for one another instead.
 */
const fairTokens = 4_096;

/** Of the budget, never given out: sums of floating-point numbers in another order differ in their last digits. */
const keptBack = 1e-9;

export class Purse {
  readonly id: TeamId;
  /** Grants that are live; each may ask at any time. */
  grants = 0;
  /** Called when what is free may have grown. */
  onFreed: () => void = () => {};
  private readonly onOverrun: (usd: number) => void;
  private budget: number | null;
  private spent: number;
  private readonly held = new Set<Reservation>();
  /** How many of them each holder has. */
  private readonly heldBy = new Map<Holder, number>();
  private reserved = 0;
  private overrun = 0;
  /** The sum of both when the budget was last set: it may have been set below what was already gone. */
  private atOpening: number;

  constructor(id: TeamId, money: { budgetUsd: number | null; spentUsd: number }, onOverrun: (usd: number) => void) {
    this.id = id;
    this.budget = money.budgetUsd;
    this.spent = money.spentUsd;
    this.atOpening = money.spentUsd;
    this.onOverrun = onOverrun;
  }

  /** null: no limit. */
  get budgetUsd(): number | null {
    return this.budget;
  }

  get spentUsd(): number {
    return this.spent;
  }

  get reservedUsd(): number {
    return this.reserved;
  }

  /** What was billed beyond what it had been capped to, or for a request that was let in before there was a budget. */
  get overrunUsd(): number {
    return this.overrun;
  }

  get isSpent(): boolean {
    return this.spent >= this.limit;
  }

  /** A known team again: the larger sum holds, for an engine that restarts knows at most what is known here. */
  reopen(budgetUsd: number | null, spentUsd: number): void {
    this.budget = budgetUsd;
    this.spent = Math.max(this.spent, spentUsd);
    this.atOpening = this.spent + this.reserved;
    this.check();
    this.onFreed();
  }

  /**
   * Reserves a worst case, with the output cut to the holder's fair share: what is not spent, divided by the live grants,
   * less what the holder has reserved already, but `fairTokens` at least. With `now`, or when nobody else will give money
   * back, less will do, down to `claim.least`. O(1).
   */
  reserve(claim: Claim, now = false): Verdict {
    const unspent = this.limit - this.spent;
    if (tokensFor(claim, unspent) < claim.least) return "spent";
    const share = unspent / Math.max(1, this.grants) - claim.holder.reservedUsd;
    const fair = Math.max(tokensFor(claim, share), Math.min(fairTokens, claim.wanted), claim.least);
    const free = tokensFor(claim, unspent - this.reserved);
    if (free >= fair) return this.hold(claim, fair);
    return (now || this.held.size === 0) && free >= claim.least ? this.hold(claim, free) : "wait";
  }

  /** Ends a reservation with what the request has cost. */
  settle(reservation: Reservation, usd: number): void {
    this.letGo(reservation);
    this.spend(usd, usd - reservation.usd);
    this.onFreed();
  }

  /** Ends the reservation of a request that nobody will bill. */
  release(reservation: Reservation): void {
    this.letGo(reservation);
    this.check();
    this.onFreed();
  }

  /** Takes what was reserved nowhere: a team had no budget when the request went out. */
  charge(usd: number): void {
    this.spend(usd, this.budget === null ? 0 : usd);
    this.onFreed();
  }

  private get limit(): number {
    return this.budget === null ? Number.POSITIVE_INFINITY : this.budget * (1 - keptBack);
  }

  private hold(claim: Claim, tokens: number): Reservation {
    const reservation = { holder: claim.holder, usd: worstUsd(claim, tokens), tokens };
    this.held.add(reservation);
    this.reserved += reservation.usd;
    claim.holder.reservedUsd += reservation.usd;
    this.heldBy.set(claim.holder, (this.heldBy.get(claim.holder) ?? 0) + 1);
    this.check();
    return reservation;
  }

  private letGo(reservation: Reservation): void {
    const { holder, usd } = reservation;
    assert(this.held.delete(reservation), `a reservation of team ${this.id} was ended twice`);
    const left = (this.heldBy.get(holder) ?? 1) - 1;
    if (left === 0) this.heldBy.delete(holder);
    else this.heldBy.set(holder, left);
    // Back to zero exactly, whatever the last digits of the sum have become.
    this.reserved = this.held.size === 0 ? 0 : Math.max(0, this.reserved - usd);
    holder.reservedUsd = left === 0 ? 0 : Math.max(0, holder.reservedUsd - usd);
  }

  private spend(usd: number, beyond: number): void {
    this.spent += usd;
    if (beyond > 0) {
      this.overrun += beyond;
      this.onOverrun(beyond);
    }
    this.check();
  }

  private check(): void {
    if (this.budget === null) return;
    const sum = this.spent + this.reserved;
    const bound = Math.max(this.budget, this.atOpening) + this.overrun;
    assert(sum <= bound, `team ${this.id}: ${this.spent} spent + ${this.reserved} reserved > ${this.budget} USD`);
  }
}

function worstUsd({ inputUsd, usdPerToken }: Claim, tokens: number): number {
  return inputUsd + usdPerToken * tokens;
}

/** How many of the wanted tokens `usd` pays for in the worst case; -1 where not even the input. */
function tokensFor(claim: Claim, usd: number): number {
  const { inputUsd, usdPerToken, wanted } = claim;
  if (worstUsd(claim, wanted) <= usd) return wanted;
  if (inputUsd > usd || usdPerToken === 0) return -1;
  const tokens = Math.floor((usd - inputUsd) / usdPerToken);
  return worstUsd(claim, tokens) <= usd ? tokens : tokens - 1;
}
