/**
 * What a provider's answer says of its limits, in the dialects that are in use:
 *
 *   retry-after: seconds or a date (RFC 9110, 10.2.3) · retry-after-ms (Azure, OpenAI)
 *   x-ratelimit-{limit,remaining,reset}-{requests,tokens}, a reset as `6m0s`, `120ms` or seconds (OpenAI, Groq, Mistral)
 *   anthropic-ratelimit-{requests,tokens,input-tokens,output-tokens}-{limit,remaining,reset}, a reset as RFC 3339
 *   x-ratelimit-reset: seconds, or a time since the epoch in seconds or ms (OpenRouter and others)
 *
 * A number that is no number, or a time in the past, says nothing.
 */
import type { IncomingHttpHeaders } from "node:http";
import { type Millis, readDate } from "../../lib/clock.ts";

/** What a minute is limited in. `tokens` counts input and output together. */
export const dimensions = ["requests", "tokens", "inputTokens", "outputTokens"] as const;
export type Dimension = (typeof dimensions)[number];
export const words: Record<Dimension, string> = {
  requests: "requests",
  tokens: "tokens",
  inputTokens: "tokens of input",
  outputTokens: "tokens of output",
};

export interface Quota {
  limit: number | null;
  remaining: number | null;
  /** From now until it is full again, or so the provider says. */
  resetMs: Millis | null;
}

export interface Advice {
  /** How long to wait before the next request, from now; null where nothing is said. */
  retryAfterMs: Millis | null;
  quotas: ReadonlyMap<Dimension, Quota>;
}

export const noAdvice: Advice = { retryAfterMs: null, quotas: new Map() };

/** Which headers say the limit, what is left of it, and when it is full again. */
const dialects = [
  dialect("requests", "x-ratelimit-*-requests"),
  dialect("tokens", "x-ratelimit-*-tokens"),
  dialect("requests", "anthropic-ratelimit-requests-*"),
  dialect("tokens", "anthropic-ratelimit-tokens-*"),
  dialect("inputTokens", "anthropic-ratelimit-input-tokens-*"),
  dialect("outputTokens", "anthropic-ratelimit-output-tokens-*"),
];

function dialect(dimension: Dimension, pattern: string) {
  const [limit, remaining, reset] = ["limit", "remaining", "reset"].map((what) => pattern.replace("*", what));
  return { dimension, limit: limit as string, remaining: remaining as string, reset: reset as string };
}

/** `wall`: Unix time, which dates in headers are compared with. */
export function readAdvice(headers: IncomingHttpHeaders, wall: Millis): Advice {
  const quotas = new Map<Dimension, Quota>();
  for (const { dimension, ...names } of dialects) {
    const limit = count(one(headers[names.limit]));
    const remaining = count(one(headers[names.remaining]));
    if (limit === null && remaining === null) continue;
    quotas.set(dimension, { limit, remaining, resetMs: waitIn(one(headers[names.reset]), wall) });
  }
  return { retryAfterMs: retryAfter(headers, quotas, wall), quotas };
}

/** The shortest answer first: what is said outright, then when what is used up comes back. */
function retryAfter(headers: IncomingHttpHeaders, quotas: Advice["quotas"], wall: Millis): Millis | null {
  const exact = count(one(headers["retry-after-ms"]));
  if (exact !== null) return exact;
  const said = waitIn(one(headers["retry-after"]), wall);
  if (said !== null) return said;
  const resets = [...quotas.values()].flatMap(({ remaining, resetMs }) =>
    remaining === 0 && resetMs !== null ? [resetMs] : [],
  );
  return resets.length > 0 ? Math.max(...resets) : waitIn(one(headers["x-ratelimit-reset"]), wall);
}

/** From 1973 on a number of ms since the epoch, and from 2001 on one of seconds, is larger than any wait. */
const [epochMs, epochSeconds] = [1e11, 1e9];
const units: Record<string, Millis> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const duration = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/g;

/** A wait from now, in ms, of seconds, a time since the epoch, a duration such as `1h2m3.5s`, or a date. */
function waitIn(text: string | undefined, wall: Millis): Millis | null {
  if (text === undefined || text === "") return null;
  const number = count(text);
  if (number !== null) {
    if (number >= epochMs) return notPast(number - wall);
    return number >= epochSeconds ? notPast(number * 1_000 - wall) : number * 1_000;
  }
  let [wait, read] = [0, 0];
  for (const [whole, value, unit = ""] of text.matchAll(duration)) {
    wait += Number(value) * (units[unit] ?? 0);
    read += whole.length;
  }
  if (read === text.length) return wait;
  const date = readDate(text);
  return date === undefined ? null : notPast(date - wall);
}

function notPast(ms: Millis): Millis | null {
  return ms >= 0 ? ms : null;
}

function count(text: string | undefined): number | null {
  return text !== undefined && /^\d+(?:\.\d+)?$/.test(text) && Number.isFinite(Number(text)) ? Number(text) : null;
}

function one(value: string | string[] | undefined): string | undefined {
  return (Array.isArray(value) ? value[0] : value)?.trim();
}
