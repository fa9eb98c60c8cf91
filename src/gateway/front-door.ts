import type { IncomingMessage, ServerResponse } from "node:http";
import { AssertionError } from "../lib/assert.ts";
import type { Clock, Millis } from "../lib/clock.ts";
import { moneyOf } from "../model/budget.ts";
import { noUsage, type Usage } from "../model/usage.ts";
import { type Address, apis, isEndpoint, readAddress } from "./apis.ts";
import { readBody } from "./body.ts";
import { type End, type Ending, Exchange } from "./exchange.ts";
import type { Grant, Grants } from "./grants.ts";
import type { Ledger } from "./ledger.ts";
import type { Target } from "./limits/routes.ts";
import type { Asked, Hooks, Passage } from "./passage.ts";
import { type Paid, pay } from "./payment.ts";
import { type Counts, isFree, priced } from "./prices.ts";
import { isRefusal, type Refusal, refusals, refuse } from "./refusal.ts";
import { type AgentRequest, askedOf, checkedBody } from "./request-body.ts";
import type { RequestRecord } from "./request-record.ts";
import type { Spender } from "./scopes.ts";
import type { ServedModel } from "./served-model.ts";
import { billedBy } from "./session-bound.ts";
import type { Connections } from "./upstream.ts";
import type { WaitingLines } from "./waiting-line.ts";
import type { Patience } from "./watchdog.ts";

export interface DoorOptions {
  grants: Grants;
  ledger: Ledger;
  lines: WaitingLines;
  passage: Passage;
  connections: Connections;
  clock: Clock;
  maxBodyBytes: number;
  maxAnswerBytes: number;
  /** How long a model's provider may be silent. */
  patienceFor(model: ServedModel): Patience;
  onUsage(spender: Spender, cumulative: Usage): void;
  /** Each request to a provider, once it has ended. */
  onRequest(record: RequestRecord): void;
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
    const bytes = asked.bytes.length;
    const { clock } = this.options;
    const came = { at: clock.wall(), monotonic: clock.monotonic() };
    const admitted = { address, grant, request, response, asked, came, wasPaid: false };
    const ask = (target: Target, hooks: Hooks) => this.ask(admitted, target, hooks);
    await this.options.passage.carry({ grant, response, bytes, ask });
  }

  /** Asks once, at a place that has room for it. The money is reserved only now: whoever waits holds none. */
  private async ask(admitted: Admitted, target: Target, hooks: Hooks): Promise<Asked> {
    const { response, address, request } = admitted;
    const upstream = await target.model.upstream(target.account).catch(() => undefined);
    if (!upstream) return refusals.noKey(target.model.target.provider);
    // Time has passed: the budget may be spent by now, the grant revoked, the agent gone.
    const refusal = standing(admitted.grant);
    // One that was paid for may have been the last of its attempt; it is repeated all the same.
    if (refusal && !(admitted.wasPaid && admitted.grant.live)) return refusal;
    if (response.destroyed) return refusals.unknownToken();
    const { ledger, lines } = this.options;
    const [grant, asked] = standInFor(admitted, target);
    const paid = await pay({ asked, grant, response, ledger, lines });
    if (isRefusal(paid)) return paid;
    admitted.wasPaid = true;
    if (!admitted.grant.live || response.destroyed) {
      this.settle(grant, paid, null, "counted");
      return refusals.unknownToken();
    }
    if (hooks.isStale()) {
      this.settle(grant, paid, null, "counted");
      return "stale";
    }
    const { connections, clock, maxAnswerBytes, patienceFor } = this.options;
    const url = upstream.baseUrl + apis[grant.model.api].path + address.query;
    let usage: Usage = noUsage;
    const onSettled = (counts: Counts | null, how: Ending) => {
      usage = this.settle(grant, paid, counts, how);
    };
    const patience = patienceFor(target.model);
    const via = { connections, clock, patience, maxAnswerBytes, ...hooks };
    const { headers } = request;
    const { bytes: body } = paid;
    const sentAt = clock.monotonic();
    let firstAt: Millis | null = null;
    const onFirst = () => {
      firstAt = clock.monotonic();
      hooks.onFirst();
      // From here on nothing is asked anew.
      asked.fields = {};
      admitted.asked.fields = {};
    };
    const going = { grant, upstream, url, headers, body, response, onSettled, ...via, onFirst };
    const end = await new Promise<End>((onEnded) => new Exchange({ ...going, onEnded }));
    this.options.onRequest(recordOf(admitted.came, { grant, end, usage, sentAt, firstAt, endedAt: clock.monotonic() }));
    return end;
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

  private settle(grant: Grant, { charge, bytes, worst, pictures }: Paid, counts: Counts | null, how: Ending): Usage {
    const { ledger, onUsage } = this.options;
    if (counts === null) {
      ledger.settle(charge, noUsage);
      return noUsage;
    }
    const { account, model } = grant;
    const usage = priced(counts, model.prices, model.target.id);
    const { input, cacheRead, cacheWrite } = usage;
    if (how === "told") grant.billed = billedBy(bytes, input + cacheRead + cacheWrite, pictures);
    const charged = worst === null || how === "told" ? usage : atMost(usage, worst, how);
    ledger.settle(charge, charged);
    const { attempt, team } = account;
    if (attempt !== null) onUsage({ attempt }, account.usage);
    else if (team !== null) onUsage({ planningOf: team }, ledger.plannedOf(team));
    return charged;
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
  asked: AgentRequest;
  came: { at: Millis; monotonic: Millis };
  wasPaid: boolean;
}

interface Ended {
  grant: Grant;
  end: End;
  usage: Usage;
  sentAt: Millis;
  firstAt: Millis | null;
  endedAt: Millis;
}

function recordOf(came: Admitted["came"], { grant, end, usage, sentAt, firstAt, endedAt }: Ended): RequestRecord {
  const { account, model } = grant;
  return {
    at: came.at,
    team: account.team,
    task: account.task,
    attempt: account.attempt,
    provider: model.target.provider,
    model: model.target.id,
    host: model.host,
    usage,
    queueMs: sentAt - came.monotonic,
    firstMs: firstAt === null ? null : firstAt - sentAt,
    totalMs: endedAt - came.monotonic,
    outcome: end.kind !== "passed" ? end.kind : end.whole ? "answered" : "broken",
    status: end.kind === "refused" ? end.status : null,
  };
}

/** The request as another model gets it, at that model's prices. */
function standInFor({ grant, asked }: Admitted, { model }: Target): [Grant, AgentRequest] {
  return model === grant.model ? [grant, asked] : [{ ...grant, model }, askedOf(asked, model)];
}

/** Why a grant may not ask right now. */
function standing({ account, model, live }: Grant): Refusal | undefined {
  if (!live) return refusals.unknownToken();
  if (account.ended) return refusals.ended();
  const { spentIn } = account.purse;
  const matters = spentIn && (spentIn.limit.tokens !== null || !isFree(model.prices));
  return matters ? refusals.budget(spentIn) : undefined;
}
