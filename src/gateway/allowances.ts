import { type Allowance, type Allowed, addMoney, type Limit, leftOf } from "../model/budget.ts";

import type { Purse } from "./purse.ts";

/**
 * What this node was last allowed of each budget, and what it has given back of it. An engine that has not heard of that
 * yet may repeat the allowance; it counts only once it is a newer one.
 */
export class Allowances {
  private readonly newest = new Map<string, number>();
  /** What was given back, by budget, at the version that it was part of. */
  readonly given = new Map<string, Allowance>();

  /** From the ledger. */
  set(scope: string, limit: Allowance): void {
    this.given.set(scope, limit);
  }

  versionOf(scope: string): number | undefined {
    return this.newest.get(scope);
  }

  /** What holds, now that the engine allows this. */
  within(scope: string, allowed: Allowed): Limit {
    const version = allowed.version ?? 0;
    this.newest.set(scope, version);
    const given = this.given.get(scope);
    if (given && given.version >= version) return given;
    this.given.delete(scope);
    return allowed;
  }

  /** Half of what is neither spent nor reserved goes. */
  lower(scope: string, purse: Purse): Allowance {
    const { limit, spent, reserved } = purse;
    const used = addMoney(spent, reserved);
    const left = leftOf(limit, used);
    const half = (whole: number | null, gone: number, rest: number) =>
      whole === null ? null : gone + Math.max(0, rest) / 2;
    const tokens = half(limit.tokens, used.tokens, left.tokens);
    const lowered: Allowance = {
      usd: half(limit.usd, used.usd, left.usd),
      tokens: tokens === null ? null : Math.ceil(tokens),
      version: this.versionOf(scope) ?? 0,
    };
    this.given.set(scope, lowered);
    return lowered;
  }
}
