import type { IncomingMessage, ServerResponse } from "node:http";
import type { AttemptId, TeamId } from "../model/records.ts";
import type { Usage } from "../model/usage.ts";
import { type Address, apis, isEndpoint, readAddress } from "./apis.ts";
import { readBody } from "./body.ts";
import { Exchange } from "./exchange.ts";
import type { Grant, Grants } from "./grants.ts";
import { isExhausted, type Ledger } from "./ledger.ts";
import { type Counts, priced } from "./prices.ts";
import { type Refusal, refusals, refuse } from "./refusal.ts";
import { checkedBody } from "./request-body.ts";
import type { Upstream } from "./served-model.ts";
import type { Connections } from "./upstream.ts";

export interface DoorOptions {
  grants: Grants;
  ledger: Ledger;
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
    this.admit(request, response).catch(() => response.destroy()); // the agent went away in mid-request
  }

  private async admit(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const address = readAddress(request.url ?? "");
    const grant = address && this.options.grants.find(address.token);
    if (!address || !grant) return refuse(response, refusals.unknownToken());
    const body = await this.bodyFor(address, grant, request);
    if (!Buffer.isBuffer(body)) return refuse(response, body);
    const upstream = await grant.model.upstream().catch(() => undefined);
    if (!upstream) return refuse(response, refusals.noKey(grant.model.target.provider));
    // Time has passed: the budget may be spent by now, the grant revoked, the agent gone.
    const refusal = standing(grant);
    if (refusal) return refuse(response, refusal);
    if (!response.destroyed) this.exchange({ address, grant, request, response, body, upstream });
  }

  private async bodyFor(address: Address, grant: Grant, request: IncomingMessage): Promise<Buffer | Refusal> {
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
    const { address, grant, request, response, body, upstream } = admitted;
    const url = upstream.baseUrl + apis[grant.model.api].path + address.query;
    const onSettled = (counts: Counts | null) => this.settle(grant, counts);
    const { connections } = this.options;
    new Exchange({ grant, upstream, url, headers: request.headers, body, response, connections, onSettled });
  }

  private settle({ account, model }: Grant, counts: Counts | null): void {
    if (counts === null) return;
    this.options.ledger.charge(account, priced(counts, model.prices, model.target.id));
    if (account.attempt !== null && account.purse)
      this.options.onUsage(account.attempt, account.purse.id, account.usage);
  }
}

interface Admitted {
  address: Address;
  grant: Grant;
  request: IncomingMessage;
  response: ServerResponse;
  body: Buffer;
  upstream: Upstream;
}

/** Why a grant may not ask right now. */
function standing({ account, live }: Grant): Refusal | undefined {
  if (!live) return refusals.unknownToken();
  return isExhausted(account) ? refusals.budget(account.purse?.budgetUsd ?? 0) : undefined;
}
