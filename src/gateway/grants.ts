import { secretToken } from "../lib/random.ts";
import type { AttemptId } from "../model/records.ts";
import type { Account } from "./scopes.ts";
import type { ServedModel } from "./served-model.ts";
import type { Billed } from "./session-bound.ts";

/** The right to ask one model on one account. */
export interface Grant {
  token: string;
  model: ServedModel;
  account: Account;
  /** False once revoked. */
  live: boolean;
  /** Each ends a request under way, or waiting. */
  running: Set<() => void>;
  /** Its newest request whose bill is known, to bound the next by. */
  billed: Billed | undefined;
}

/** Who may come in. A token is looked up whole, so its time tells nothing of others. */
export class Grants {
  private readonly byToken = new Map<string, Grant>();

  add(account: Account, model: ServedModel): Grant {
    const grant: Grant = { token: secretToken(), model, account, live: true, running: new Set(), billed: undefined };
    this.byToken.set(grant.token, grant);
    for (const purse of account.purse.chain) purse.grants++;
    return grant;
  }

  find(token: string): Grant | undefined {
    return this.byToken.get(token);
  }

  /** May be called twice. */
  revoke(grant: Grant): void {
    if (!grant.live) return;
    grant.live = false;
    for (const purse of grant.account.purse.chain) purse.grants--;
    this.byToken.delete(grant.token);
    for (const abort of [...grant.running]) abort();
  }

  revokeAttempt(attempt: AttemptId): void {
    this.revokeWhere((grant) => grant.account.attempt === attempt);
  }

  /** O(grants), and there is about one for each agent at work. */
  revokeWhere(matches: (grant: Grant) => boolean): void {
    for (const grant of [...this.byToken.values()]) if (matches(grant)) this.revoke(grant);
  }
}
