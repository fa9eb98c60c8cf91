import type { Millis } from "../../lib/clock.ts";

/** Width of a slot, in ms: what is counted leaves up to so much later than it must. */
const slotMs: Millis = 250;
const slots = 240;
export const windowMs: Millis = slotMs * slots;

/** Where an amount was counted, to correct it later. */
export type Mark = number;

/**
 * How much went out in the last minute, against a limit for a minute.
 *
 * A sliding window never sends more than the limit in any 60 s, so it is within the limit whether the provider counts in
 * fixed minutes, in sliding ones, or by a bucket that fills up; and at no lower rate than any of them allows for long.
 * Fixed memory (241 numbers), O(1) to count, O(241) to say when there is room.
 */
export class Window {
  /** Null while no limit is known: then all fits, and is counted still. */
  limit: number | null;
  private readonly amounts = new Float64Array(slots + 1);
  private newest = 0;
  private sum = 0;

  constructor(limit: number | null) {
    this.limit = limit;
  }

  /** Of the last minute. */
  used(at: Millis): number {
    this.advance(at);
    return this.sum;
  }

  add(at: Millis, amount: number): Mark {
    this.advance(at);
    this.put(this.newest, amount);
    return this.newest;
  }

  /** Puts `delta` where `mark` says; nothing where that has left the window. Never below nothing. */
  correct(mark: Mark, delta: number): void {
    if (mark <= this.newest - this.amounts.length) return;
    this.put(mark, Math.max(delta, -this.at(mark)));
  }

  /** Counts what others must have taken, where the provider says that less is left than we know of. */
  believe(at: Millis, remaining: number): void {
    if (this.limit === null) return;
    const unknown = this.limit - this.used(at) - remaining;
    if (unknown > 0) this.put(this.newest, unknown);
  }

  /** Forgets all that was counted. */
  clear(): void {
    this.amounts.fill(0);
    this.sum = 0;
  }

  /** When `amount` fits; more than the whole limit fits when nothing else is counted. */
  freeAt(at: Millis, amount: number): Millis {
    this.advance(at);
    if (this.limit === null) return at;
    let over = this.sum + Math.min(amount, this.limit) - this.limit;
    // Sums of floating-point numbers: a millionth is no request.
    for (let slot = this.newest - slots; slot <= this.newest && over > 1e-6; slot++) {
      over -= this.at(slot);
      if (over <= 1e-6) return Math.max(at, (slot + slots + 1) * slotMs);
    }
    return at;
  }

  private at(slot: number): number {
    return this.amounts[((slot % this.amounts.length) + this.amounts.length) % this.amounts.length] ?? 0;
  }

  private put(slot: number, amount: number): void {
    const place = ((slot % this.amounts.length) + this.amounts.length) % this.amounts.length;
    this.amounts[place] = (this.amounts[place] ?? 0) + amount;
    this.sum = Math.max(0, this.sum + amount);
  }

  private advance(at: Millis): void {
    const now = Math.floor(at / slotMs);
    if (now - this.newest > this.amounts.length) this.clear();
    else for (let slot = this.newest + 1; slot <= now; slot++) this.put(slot, -this.at(slot));
    this.newest = Math.max(this.newest, now);
  }
}
