import type { IncomingMessage, ServerResponse } from "node:http";
import { AssertionError } from "../lib/assert.ts";
import type { AttemptId, TeamId } from "../model/records.ts";
import type { Usage } from "../model/usage.ts";
import { type Address, apis, isEndpoint, readAddress } from "./apis.ts";
import { readBody } from "./body.ts";
import { Exchange } from "./exchange.ts";
import type { Grant, Grants } from "./grants.ts";
import { isExhausted, type Ledger } from "./ledger.ts";
import { type Paid, pay } from "./payment.ts";
import { type Counts, isFree, priced } from "./prices.ts";
import type { Reservation } from "./purse.ts";
import { isRefusal, type Refusal, refusals, refuse } from "./refusal.ts";
import { type AgentRequest, checkedBody } from "./request-body.ts";
import type { Upstream } from "./served-model.ts";
import type { Connections } from "./upstream.ts";
import type { WaitingLines } from "./waiting-line.ts";

export interface DoorOptions {
  grants: Grants;
  ledger: Ledger;
  lines: WaitingLines;
  connections: Connections;
  maxBodyBytes: number;
  onUsage(attempt: AttemptId, team: TeamId, cumulative: Usage): void;
}

/** Checks who asks for what, and on whose money, before anything goes upstream. */
export class FrontDoor {
  private readonly options: DoorOptions;

  constructor(options: DoorOptions) {
    this.options = options;
  }

  serve(request: IncomingMessage, response: ServerResponse): void {
    this.admit(request, response).catch((error) => {
      response.destroy(); // the agent went away in mid-request
      if (error instanceof AssertionError) throw error;
    });
  }

  private async admit(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const address = readAddress(request.url ?? "");
    const grant = address && this.options.grants.find(address.token);
    if (!address || !grant) return refuse(response, refusals.unknownToken());
    const asked = await this.bodyFor(address, grant, request);
    if (isRefusal(asked)) return refuse(response, asked);
    const upstream = await grant.model.upstream().catch(() => undefined);
    if (!upstream) return refuse(response, refusals.noKey(grant.model.target.provider));
    // Time has passed: the budget may be spent by now, the grant revoked, the agent gone.
    const refusal = standing(grant);
    if (refusal) return refuse(response, refusal);
    if (response.destroyed) return;
    const paid = await pay({ asked, grant, response, lines: this.options.lines });
    if (isRefusal(paid)) return refuse(response, paid);
    if (!grant.live || response.destroyed) {
      this.settle(grant, paid.reservation, null, false);
      return refuse(response, refusals.unknownToken());
    }
    this.exchange({ address, grant, request, response, upstream, paid });
  }

  private async bodyFor(address: Address, grant: Grant, request: IncomingMessage): Promise<AgentRequest | Refusal> {
    const { maxBodyBytes } = this.options;
    if (request.method !== "POST" || !isEndpoint(address.path, grant.model.api)) {
      return refusals.unknownPath(`${request.method} /${address.path}`);
    }
    const refusal = standing(grant);
    if (refusal) return refusal;
    const body = await readBody(request, maxBodyBytes);
    return body === undefined ? refusals.tooLarge(maxBodyBytes) : checkedBody(body, grant.model);
  }

  private exchange(admitted: Admitted): void {
    const { address, grant, request, response, upstream, paid } = admitted;
    const url = upstream.baseUrl + apis[grant.model.api].path + address.query;
    const onSettled = (counts: Counts | null, told: boolean) => this.settle(grant, paid.reservation, counts, told);
    const { connections } = this.options;
    const { headers } = request;
    new Exchange({ grant, upstream, url, headers, body: paid.bytes, response, connections, onSettled });
  }

  private settle({ account, model }: Grant, reservation: Reservation | null, counts: Counts | null, told: boolean) {
    const { ledger, onUsage } = this.options;
    if (counts === null) {
      if (reservation) account.purse?.release(reservation);
      return;
    }
    const usage = priced(counts, model.prices, model.target.id);
    // An estimate is never above the worst case; what a provider says may be, and is counted as said.
    if (!told && reservation) usage.costUsd = Math.min(usage.costUsd, reservation.usd);
    ledger.charge(account, usage, reservation);
    if (account.attempt !== null && account.purse) onUsage(account.attempt, account.purse.id, account.usage);
  }
}

interface Admitted {
  address: Address;
  grant: Grant;
  request: IncomingMessage;
  response: ServerResponse;
  upstream: Upstream;
  paid: Paid;
}

/** Why a grant may not ask right now. */
function standing({ account, model, live }: Grant): Refusal | undefined {
  if (!live) return refusals.unknownToken();
  return isExhausted(account) && !isFree(model.prices) ? refusals.budget(account.purse?.budgetUsd ?? 0) : undefined;
}
