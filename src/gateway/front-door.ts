import type { IncomingMessage, ServerResponse } from "node:http";
import { AssertionError } from "../lib/assert.ts";
import { moneyOf } from "../model/budget.ts";
import type { AttemptId, TeamId } from "../model/records.ts";
import { noUsage, type Usage } from "../model/usage.ts";
import { type Address, apis, isEndpoint, readAddress } from "./apis.ts";
import { readBody } from "./body.ts";
import { type Ending, Exchange } from "./exchange.ts";
import type { Grant, Grants } from "./grants.ts";
import type { Ledger } from "./ledger.ts";
import { type Paid, pay } from "./payment.ts";
import { type Counts, isFree, priced } from "./prices.ts";
import { isRefusal, type Refusal, refusals, refuse } from "./refusal.ts";
import { type AgentRequest, checkedBody } from "./request-body.ts";
import type { Upstream } from "./served-model.ts";
import { billedBy } from "./session-bound.ts";
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
    const { ledger, lines } = this.options;
    const paid = await pay({ asked, grant, response, ledger, lines });
    if (isRefusal(paid)) return refuse(response, paid);
    if (!grant.live || response.destroyed) {
      this.settle(grant, paid, null, "counted");
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
    const onSettled = (counts: Counts | null, how: Ending) => this.settle(grant, paid, counts, how);
    const { connections } = this.options;
    const { headers } = request;
    new Exchange({ grant, upstream, url, headers, body: paid.bytes, response, connections, onSettled });
  }

  private settle(grant: Grant, { charge, bytes, worst, pictures }: Paid, counts: Counts | null, how: Ending): void {
    const { ledger, onUsage } = this.options;
    if (counts === null) return ledger.settle(charge, noUsage);
    const { account, model } = grant;
    const usage = priced(counts, model.prices, model.target.id);
    const { input, cacheRead, cacheWrite } = usage;
    if (how === "told") grant.billed = billedBy(bytes, input + cacheRead + cacheWrite, pictures);
    ledger.settle(charge, worst === null || how === "told" ? usage : atMost(usage, worst, how));
    const { attempt, team } = account;
    if (attempt !== null && team !== null) onUsage(attempt, team, account.usage);
  }
}

/** What a provider did not tell is never above the worst case; what breaks off is that, for nobody knows how it went on. */
function atMost(usage: Usage, worst: Usage, how: Ending): Usage {
  if (how === "broken") return worst;
  const { tokens } = moneyOf(usage);
  const over = Math.max(0, tokens - moneyOf(worst).tokens);
  const output = Math.max(0, usage.output - over);
  const input = Math.max(0, usage.input - (over - (usage.output - output)));
  return { ...usage, input, output, costUsd: Math.min(usage.costUsd, worst.costUsd) };
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
  if (account.ended) return refusals.ended();
  const { spentIn } = account.purse;
  const matters = spentIn && (spentIn.limit.tokens !== null || !isFree(model.prices));
  return matters ? refusals.budget(spentIn) : undefined;
}
