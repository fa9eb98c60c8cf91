import type { ServerResponse } from "node:http";
import type { Grant } from "./grants.ts";
import { readLimit } from "./output-limit.ts";
import { isFree } from "./prices.ts";
import type { Claim, Purse, Reservation } from "./purse.ts";
import { type Refusal, refusals } from "./refusal.ts";
import { type AgentRequest, limited } from "./request-body.ts";
import type { Outcome, WaitingLines } from "./waiting-line.ts";
import { claimFor } from "./worst-case.ts";

/** What goes upstream, and what is reserved for it: null where nothing limits it. */
export interface Paid {
  bytes: Buffer;
  reservation: Reservation | null;
}

export interface Request {
  asked: AgentRequest;
  grant: Grant;
  response: ServerResponse;
  lines: WaitingLines;
}

/** Reserves the worst case of a request, and lowers its output to what was reserved. May wait for others' reservations. */
export async function pay(request: Request): Promise<Paid | Refusal> {
  const { asked, grant } = request;
  const { account, model } = grant;
  const { purse } = account;
  if (!purse || purse.budgetUsd === null || isFree(model.prices)) return { bytes: asked.bytes, reservation: null };
  const claim = claimFor(asked, model, account);
  if (typeof claim === "string") return refusals.unbounded(claim);
  const outcome = await reserve(claim, purse, request);
  if (typeof outcome === "string") return refusalFor(outcome, claim, purse);
  const { tokens, stated } = readLimit(asked.fields, model);
  const bytes = stated && outcome.tokens >= tokens ? asked.bytes : limited(asked, model, outcome.tokens).bytes;
  return { bytes, reservation: outcome };
}

/** Ends its wait when the agent goes away or its grant is revoked. */
async function reserve(claim: Claim, purse: Purse, { grant, response, lines }: Request): Promise<Outcome> {
  const gone = new AbortController();
  const abort = () => gone.abort();
  const outcome = lines.reserve(purse, claim, () => {
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

function refusalFor(outcome: Exclude<Outcome, Reservation>, claim: Claim, purse: Purse): Refusal {
  const budget = purse.budgetUsd ?? 0;
  const least = claim.inputUsd + claim.usdPerToken * claim.least;
  switch (outcome) {
    case "spent":
      return refusals.tooDear(budget, Math.max(0, budget - purse.spentUsd), least);
    case "gone":
      return refusals.unknownToken(); // nobody reads it
    default:
      return refusals.reserved(budget);
  }
}
