import type { ServerResponse } from "node:http";
import { leftOf, type Money } from "../model/budget.ts";
import type { Purse } from "./purse.ts";

/** An answer of the gateway's own. `type` is what OpenAI and Anthropic call the kind of error. */
export interface Refusal {
  status: number;
  type: string;
  code: string;
  message: string;
}

export const refusals = {
  unknownToken: () =>
    refusal(401, "authentication_error", "token_unknown", "this gateway token is not, or no longer, valid"),
  unknownPath: (path: string) =>
    refusal(404, "not_found_error", "path_unknown", `the gateway serves one model API only, and ${path} is not of it`),
  tooLarge: (maxBytes: number) =>
    refusal(413, "request_too_large", "request_too_large", `the request is larger than ${maxBytes} bytes`),
  notJson: () => refusal(400, "invalid_request_error", "not_json", "the request body is not a JSON object"),
  background: () =>
    refusal(
      403,
      "permission_error",
      "background_refused",
      "background answers cannot be metered; leave `background` out",
    ),
  otherModel: (granted: string) =>
    refusal(403, "permission_error", "model_not_granted", `this token is good for the model ${granted} alone`),
  budget: (purse: Purse) =>
    refusal(402, "billing_error", "budget_exhausted", `out of budget: ${budgetOf(purse)} is spent`),
  /** After a last turn. */
  ended: () => refusal(402, "billing_error", "budget_exhausted", "out of budget: the last turn was had"),
  tooDear: (purse: Purse, worst: Money) =>
    refusal(
      402,
      "billing_error",
      "budget_exhausted",
      `out of budget: of ${budgetOf(purse)}, ${shown(purse, leftOf(purse.limit, purse.spent))} are left, and this request may take ${shown(purse, worst)}`,
    ),
  /** Temporary: a client that tries again may well get through. */
  reserved: (purse: Purse) =>
    refusal(
      429,
      "rate_limit_error",
      "budget_reserved",
      `what is left of ${budgetOf(purse)} is reserved by other requests; try again`,
    ),
  noLedger: (why: string) =>
    refusal(503, "api_error", "ledger_full", `the gateway cannot write down what the request may cost: ${why}`),
  crowded: () =>
    refusal(
      429,
      "rate_limit_error",
      "too_many_waiting",
      "too many requests wait for their provider already; try again",
    ),
  unbounded: (what: string) =>
    refusal(
      403,
      "permission_error",
      "cost_unbounded",
      `nobody can tell what this request may cost, so a team with a budget may not send it: ${what}`,
    ),
  noKey: (provider: string) =>
    refusal(502, "api_error", "key_unavailable", `the gateway has no usable key for ${provider} just now`),
  unreachable: (host: string, code: string) =>
    refusal(502, "api_error", "provider_unreachable", `${host} cannot be reached (${code})`),
  silent: (host: string, ms: number) =>
    refusal(504, "timeout_error", "provider_silent", `${host} has sent nothing for ${ms} ms`),
};

export function isRefusal(value: object): value is Refusal {
  return "status" in value && "code" in value;
}

function refusal(status: number, type: string, code: string, message: string): Refusal {
  return { status, type, code, message };
}

const whose: Record<Purse["scope"], string> = {
  attempt: "the attempt's budget",
  task: "the task's budget",
  team: "the team's budget",
  hour: "the budget of all teams for this hour",
  fleet: "the budget of all teams",
};

/** Money is named unless tokens alone are limited. */
function budgetOf({ scope, limit }: Purse): string {
  const { usd, tokens } = limit;
  const both = [usd === null ? "" : `${usd} USD`, tokens === null ? "" : `${tokens} tokens`];
  return `${whose[scope]} of ${both.filter(Boolean).join(" and ")}`;
}

/** To four digits, in what the purse is limited by. */
function shown({ limit }: Purse, { usd, tokens }: Money): string {
  const both = [
    limit.usd === null ? "" : `${digits(usd)} USD`,
    limit.tokens === null ? "" : `${digits(tokens)} tokens`,
  ];
  return both.filter(Boolean).join(" and ");
}

function digits(value: number): string {
  return String(Number(Math.max(0, value).toPrecision(4)));
}

/** One body for both vendors' SDKs: OpenAI's reads `error`, Anthropic's `type` and `error`. */
export function refuse(response: ServerResponse, { status, ...error }: Refusal): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  // After 413 the rest of the body is still on its way; the connection goes rather than reads it.
  const headers = {
    "content-type": "application/json",
    ...(status === 413 ? { connection: "close" } : {}),
    ...(status === 429 ? { "retry-after": "5" } : {}),
  };
  response.writeHead(status, headers).end(JSON.stringify({ type: "error", error: { ...error, param: null } }));
}
