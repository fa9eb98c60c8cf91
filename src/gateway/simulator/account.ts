/** An account at a provider, as far as its limits go: buckets that fill up, and what the answers say of them. */
import { iso, type Millis } from "../../lib/clock.ts";

export interface AccountOptions {
  requestsPerMinute: number;
  tokensPerMinute?: number;
  /** In which words its answers speak of limits. `bare`: 429 with `retry-after` alone; `mute`: not even that. */
  says: "openai" | "anthropic" | "bare" | "mute";
}

export interface Verdict {
  status: 200 | 429;
  headers: Record<string, string>;
}

const minute: Millis = 60_000;

/** Counts as OpenAI and Anthropic do: a bucket of a minute's worth that fills up evenly. It starts full. */
export class SimulatedAccount {
  accepted = 0;
  refused = 0;
  private readonly options: AccountOptions;
  private readonly level: { requests: number; tokens: number };
  private filledAt: Millis | null = null;
  private exhaustedUntil: Millis = 0;

  constructor(options: AccountOptions) {
    this.options = options;
    this.level = { requests: options.requestsPerMinute, tokens: options.tokensPerMinute ?? 0 };
  }

  /** Nothing is let in before then, as when a quota is used up. */
  exhaustUntil(at: Millis): void {
    this.exhaustedUntil = at;
  }

  ask(at: Millis, tokens = 0): Verdict {
    this.fill(at);
    const { requestsPerMinute, tokensPerMinute = Number.POSITIVE_INFINITY } = this.options;
    const missing = Math.max(
      this.exhaustedUntil - at,
      ((1 - this.level.requests) * minute) / requestsPerMinute,
      tokensPerMinute === Number.POSITIVE_INFINITY ? 0 : ((tokens - this.level.tokens) * minute) / tokensPerMinute,
    );
    if (missing > 1e-6) {
      this.refused += 1;
      return { status: 429, headers: this.headers(at, missing) };
    }
    this.accepted += 1;
    this.level.requests -= 1;
    this.level.tokens -= tokens;
    return { status: 200, headers: this.headers(at, null) };
  }

  /** Refuses one for no reason of its own, as a load balancer of a provider may. */
  refuse(at: Millis): Verdict {
    this.refused += 1;
    return { status: 429, headers: this.headers(at, 1_000) };
  }

  private fill(at: Millis): void {
    const share = (at - (this.filledAt ?? at)) / minute;
    this.filledAt = at;
    const { requestsPerMinute, tokensPerMinute = 0 } = this.options;
    this.level.requests = Math.min(requestsPerMinute, this.level.requests + share * requestsPerMinute);
    this.level.tokens = Math.min(tokensPerMinute, this.level.tokens + share * tokensPerMinute);
  }

  private headers(at: Millis, missing: Millis | null): Record<string, string> {
    const { says, requestsPerMinute, tokensPerMinute } = this.options;
    const wait: Record<string, string> =
      missing === null || says === "mute" ? {} : { "retry-after": String(Math.ceil(missing / 1_000)) };
    const left = Math.floor(Math.max(0, this.level.requests));
    const fullIn = ((requestsPerMinute - this.level.requests) * minute) / requestsPerMinute;
    if (says === "openai") {
      wait["x-ratelimit-limit-requests"] = String(requestsPerMinute);
      wait["x-ratelimit-remaining-requests"] = String(left);
      wait["x-ratelimit-reset-requests"] = `${(fullIn / 1_000).toFixed(3)}s`;
      if (tokensPerMinute !== undefined) wait["x-ratelimit-limit-tokens"] = String(tokensPerMinute);
    }
    if (says === "anthropic") {
      wait["anthropic-ratelimit-requests-limit"] = String(requestsPerMinute);
      wait["anthropic-ratelimit-requests-remaining"] = String(left);
      wait["anthropic-ratelimit-requests-reset"] = iso(at + fullIn);
      if (tokensPerMinute !== undefined) wait["anthropic-ratelimit-tokens-limit"] = String(tokensPerMinute);
    }
    return wait;
  }
}
