/** How the account of a provider stands, as a gateway sees it; shown, never journaled. */
import type { Millis } from "../lib/clock.ts";

export interface ProviderState {
  /** The provider, and where there are several, its account: `anthropic (KEY_2)`. */
  name: string;
  /** That were asked of it since the gateway started. */
  models: string[];
  breaker: "closed" | "open" | "half-open";
  /** While nobody may ask it: until when, and why. Unix time. */
  parked: { until: Millis; why: string } | null;
  /** Requests under way. */
  inFlight: number;
  /** Until the first token or a refusal, on average, the newest counting most; null before the first answer. */
  latencyMs: number | null;
  /** Requests a minute, as learnt from what it refused; null where nothing was. */
  learntPerMinute: number | null;
  /** What went out in the last minute, against what may; null: no limit is known. */
  limits: { name: string; used: number; limit: number | null }[];
}
