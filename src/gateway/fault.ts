/** What a provider's refusal means for whoever asks next. */
import { type Fields, isFields, parseJson } from "../lib/json.ts";
import type { Headers } from "./headers.ts";
import type { Fault } from "./limits/endpoint.ts";
import type { KnownWait } from "./limits/limit.ts";

export interface RefusedAnswer {
  status: number;
  headers: Headers;
  body: Buffer;
}

export interface Judgement {
  fault: Fault;
  known?: KnownWait;
}

/** A quota that only a person or a new month can fill is looked at again so often, in ms; so is a key that is refused. */
const quotaMs = 300_000;
const keyMs = 60_000;

/**
 * What is wrong at the provider, or null where the request itself is at fault and would be refused everywhere.
 * `hasOthers`: another account could be asked, so that a key which is refused is no reason to give up.
 */
export function judge({ status, body }: RefusedAnswer, hasOthers: boolean): Judgement | null {
  if (status === 429 && /insufficient_quota|billing_hard_limit/.test(body.toString("latin1", 0, 4_096))) {
    return { fault: "limit", known: { ms: quotaMs, why: "the quota is used up; the provider names no time" } };
  }
  if (status === 429) return { fault: "limit" };
  if (status === 402) return { fault: "limit", known: { ms: quotaMs, why: "the provider wants to be paid (402)" } };
  if ((status === 401 || status === 403) && hasOthers) {
    return { fault: "limit", known: { ms: keyMs, why: `the provider refuses the key (${status})` } };
  }
  if (status === 503 || status === 529) return { fault: "overload" };
  return status === 408 || status === 409 || status >= 500 ? { fault: "broken" } : null;
}

const statusOf: Record<string, number> = {
  overloaded_error: 529,
  rate_limit_error: 429,
  rate_limit_exceeded: 429,
  insufficient_quota: 429,
  authentication_error: 401,
  permission_error: 403,
  invalid_request_error: 400,
};

/** The refusal that a stream begins with, if it does: `event: error`, or `data: {"error": …}`. */
export function refusalInStream(chunk: Buffer): RefusedAnswer | undefined {
  const found = /^(?:event: ?error\r?\n)?data: ?(\{ ?"(?:error|type": ?"error)"[^\n]*)/.exec(
    chunk.toString("utf8", 0, 65_536),
  );
  const message = found?.[1] === undefined ? undefined : parseJson(found[1]);
  if (!isFields(message) || !isFields(message.error)) return undefined;
  const { type, code }: Fields = message.error;
  const status = typeof code === "number" && code >= 400 && code < 600 ? code : undefined;
  const named = statusOf[String(code)] ?? statusOf[String(type)] ?? 500;
  const body = Buffer.from(JSON.stringify(message));
  return { status: status ?? named, headers: { "content-type": "application/json" }, body };
}
