import { noMoney } from "../model/budget.ts";
import type { Claim } from "./claim.ts";
import { inputBound } from "./input-bound.ts";
import { readLimit } from "./output-limit.ts";
import { dearest } from "./prices.ts";
import type { AgentRequest } from "./request-body.ts";
import type { ServedModel } from "./served-model.ts";
import { type Billed, boundBySession } from "./session-bound.ts";

/** Rounding must not make a bill larger than its worst case. */
const roundedUp = 1 + 1e-9;

/** How much longer the next request of a session is reckoned to be, for what is kept back for a last one. */
const growth = 1.25;

export interface RequestClaim extends Claim {
  /** What its pictures count beyond their bytes, at most. */
  pictures: number;
}

/** What `asked` may cost at most, or what in it has no bound. `billed`: what the session asked before, and took. */
export function claimFor(asked: AgentRequest, model: ServedModel, billed?: Billed): RequestClaim | string {
  const { fields, bytes } = asked;
  const found = inputBound(fields, bytes.length);
  if (typeof found === "string") return found;
  const input = Math.min(found.tokens, boundBySession(bytes, found.pictures, billed));
  const limit = readLimit(fields, model);
  const rates = dearest(model.prices, {
    input,
    // Only where it is asked for, and not spelled with escapes: `plainBytes` has seen to that.
    cachedForAnHour: model.api === "anthropic-messages" && bytes.includes('"ttl"'),
    tier: tierAsked(fields.service_tier, model),
    modelId: model.target.id,
  });
  const inputUsd = rates.input * input * roundedUp;
  const usdPerToken = rates.output * limit.answers * roundedUp;
  const { answers, tokens: wanted, least } = limit;
  // Where nothing less than the whole answer can be asked for there is no last turn either.
  const lastTokens = least < wanted ? least : 0;
  const spare = lastTokens && {
    usd: inputUsd * growth + usdPerToken * lastTokens,
    tokens: Math.ceil(input * growth) + lastTokens,
  };
  return {
    inputUsd,
    usdPerToken,
    inputTokens: input,
    answers,
    wanted,
    least,
    spare: spare || noMoney,
    pictures: found.pictures,
  };
}

/** OpenAI takes a request that names no tier, or `auto`, in the one that its project is set to. */
function tierAsked(tier: unknown, { host }: ServedModel): string {
  const open = tier == null || tier === "auto";
  if (open) return host.endsWith("openai.com") ? "priority" : "";
  return String(tier);
}
