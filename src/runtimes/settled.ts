import type { Failure, FailureReason } from "../model/records.ts";
import { noUsage, type Usage } from "../model/usage.ts";
import type { Settled } from "./runtime.ts";

/** The longest failure detail or summary that leaves the host, in characters; the rest is in the transcript. */
export const maxDetailChars = 2_000;

export function failed(reason: FailureReason, detail: string, usage: Usage = noUsage): Settled {
  const failure: Failure = { reason, detail: tail(detail) };
  return { ok: false, failure, usage };
}

export function finished(summary: string, usage: Usage): Settled {
  return { ok: true, summary: tail(summary), usage };
}

/** The end of `text`, where commands and agents say what matters. */
function tail(text: string): string {
  const trimmed = text.trim();
  return trimmed.length > maxDetailChars ? `…${trimmed.slice(1 - maxDetailChars)}` : trimmed;
}
