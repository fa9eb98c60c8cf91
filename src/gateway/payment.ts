import type { ServerResponse } from "node:http";
import { GodelError } from "../lib/errors.ts";
import { noMoney } from "../model/budget.ts";
import { noUsage, type Usage } from "../model/usage.ts";
import type { Claim } from "./claim.ts";
import type { Grant } from "./grants.ts";
import { lastTokens, lastTurn, mayBeLast } from "./last-turn.ts";
import type { Charge, Ledger } from "./ledger.ts";
import { tokensIn } from "./meter.ts";
import { readLimit } from "./output-limit.ts";
import { isFree, noCounts, priced } from "./prices.ts";
import type { Reservation } from "./purse.ts";
import { type Refusal, refusals } from "./refusal.ts";
import { type AgentRequest, limited } from "./request-body.ts";
import { isReserved, type Outcome, type Refused, type WaitingLines } from "./waiting-line.ts";
import { claimFor, type RequestClaim } from "./worst-case.ts";

/** What goes upstream, and what it is charged to. */
export interface Paid {
  bytes: Buffer;
  charge: Charge;
  /** What it takes at most; null where nothing limits it, and nobody has reckoned. */
  worst: Usage | null;
  /** What its pictures count beyond their bytes, at most. */
  pictures: number;
}

export interface Request {
  asked: AgentRequest;
  grant: Grant;
  response: ServerResponse;
  ledger: Ledger;
  lines: WaitingLines;
}

/**
 * Reserves the worst case of a request, lowers its output to what was reserved, and writes both down. May wait for
 * others' reservations. Where the budget has room for no usual answer more, the request is made the last of its grant.
 */
export async function pay(request: Request): Promise<Paid | Refusal> {
  const { asked, grant, ledger } = request;
  const { account, model } = grant;
  const { purse } = account;
  if (!purse.mayRefuse(isFree(model.prices))) {
    const input = tokensIn(asked.bytes.length);
    const likely = priced({ ...noCounts, input }, model.prices, model.target.id);
    const charge = begin(ledger, grant, purse.admit(), likely);
    return "id" in charge ? { bytes: asked.bytes, charge, worst: null, pictures: 0 } : charge;
  }
  const claim = claimFor(asked, model, grant.billed);
  if (typeof claim === "string") return refusals.unbounded(claim);
  // Nothing is kept back for a last turn where there can be none.
  const mayEnd = account.attempt !== null && claim.least < claim.wanted && mayBeLast(asked, model);
  const outcome = await reserve(mayEnd ? claim : { ...claim, spare: noMoney }, request);
  if (isReserved(outcome)) return reserved(request, asked, claim, outcome);
  return outcome.why === "spent" && mayEnd
    ? payLast(request, lastTurn(asked, model), claim)
    : refusalFor(outcome, claim);
}

/** `last`: the request as the last of its attempt. `claim`: of the request as it was asked. */
async function payLast(request: Request, last: AgentRequest, claim: Claim): Promise<Paid | Refusal> {
  const { account, model, billed } = request.grant;
  const whole = claimFor(last, model, billed);
  if (typeof whole === "string") return refusals.unbounded(whole);
  const brief = {
    ...whole,
    wanted: Math.min(whole.wanted, lastTokens.wanted),
    least: lastTokens.least,
    spare: noMoney,
  };
  const outcome = await reserve(brief, request);
  if (!isReserved(outcome)) return refusalFor(outcome, claim);
  account.ended = true;
  return reserved(request, last, brief, outcome);
}

function reserved(
  { ledger, grant }: Request,
  asked: AgentRequest,
  claim: RequestClaim,
  held: Reservation,
): Paid | Refusal {
  const { model } = grant;
  const { tokens, stated } = readLimit(asked.fields, model);
  const bytes = stated && held.tokens >= tokens ? asked.bytes : limited(asked, model, held.tokens).bytes;
  const output = claim.answers * held.tokens;
  const worst = { ...noUsage, requests: 1, input: claim.inputTokens, output, costUsd: held.usd };
  const charge = begin(ledger, grant, held, worst);
  return "id" in charge ? { bytes, charge, worst, pictures: claim.pictures } : charge;
}

function begin(ledger: Ledger, grant: Grant, held: Reservation, worst: Usage): Charge | Refusal {
  try {
    return ledger.begin(grant.account, held, worst);
  } catch (error) {
    if (error instanceof GodelError && error.code === "DISK_FULL") return refusals.noLedger(error.message);
    throw error;
  }
}

/** Ends its wait when the agent goes away or its grant is revoked. */
async function reserve(claim: Claim, { grant, response, lines }: Request): Promise<Outcome> {
  let gone: AbortController | undefined;
  const abort = () => gone?.abort();
  const outcome = lines.reserve(grant.account.purse, claim, () => {
    gone = new AbortController();
    grant.running.add(abort);
    response.once("close", abort);
    return gone.signal;
  });
  if (!(outcome instanceof Promise)) return outcome;
  const waited = await outcome;
  grant.running.delete(abort);
  response.off("close", abort);
  return waited;
}

function refusalFor({ why, by }: Refused, claim: Claim): Refusal {
  switch (why) {
    case "spent":
      return refusals.tooDear(by, {
        usd: claim.inputUsd + claim.usdPerToken * claim.least,
        tokens: claim.inputTokens + claim.least,
      });
    case "gone":
      return refusals.unknownToken(); // nobody reads it
    default:
      return refusals.reserved(by);
  }
}
