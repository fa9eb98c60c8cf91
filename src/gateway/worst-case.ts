import { inputBound } from "./input-bound.ts";
import { readLimit } from "./output-limit.ts";
import { dearest } from "./prices.ts";
import type { Claim, Holder } from "./purse.ts";
import type { AgentRequest } from "./request-body.ts";
import type { ServedModel } from "./served-model.ts";

/** Rounding must not make a bill larger than its worst case. */
const roundedUp = 1 + 1e-9;

/** What `asked` may cost at most, or what in it has no bound. */
export function claimFor({ fields, bytes }: AgentRequest, model: ServedModel, holder: Holder): Claim | string {
  const input = inputBound(fields, bytes.length);
  if (typeof input === "string") return input;
  const limit = readLimit(fields, model);
  const rates = dearest(model.prices, {
    input,
    // Only where it is asked for, and not spelled with escapes: `plainBytes` has seen to that.
    cachedForAnHour: model.api === "anthropic-messages" && bytes.includes('"ttl"'),
    tier: tierAsked(fields.service_tier, model),
    modelId: model.target.id,
  });
  return {
    holder,
    inputUsd: rates.input * input * roundedUp,
    usdPerToken: rates.output * limit.answers * roundedUp,
    wanted: limit.tokens,
    least: limit.least,
  };
}

/** OpenAI takes a request that names no tier, or `auto`, in the one that its project is set to. */
function tierAsked(tier: unknown, { host }: ServedModel): string {
  const open = tier == null || tier === "auto";
  if (open) return host.endsWith("openai.com") ? "priority" : "";
  return String(tier);
}
