import type { Money } from "../model/budget.ts";

/** What one request asks for. Its worst case is `inputUsd + usdPerToken * tokens` for `tokens` of output. */
export interface Claim {
  inputUsd: number;
  usdPerToken: number;
  /** Tokens of input at most. */
  inputTokens: number;
  /** Answers at once, each of which may be as long as the output is. */
  answers: number;
  /** Output tokens that the request asks for. */
  wanted: number;
  /** The fewest that are of use; at most `wanted`. */
  least: number;
  /** What must be left in each scope afterwards, for a last turn. */
  spare: Money;
}

/** What `tokens` of output cost with the input, at most. */
export function worstUsd({ inputUsd, usdPerToken }: Pick<Claim, "inputUsd" | "usdPerToken">, tokens: number): number {
  return inputUsd + usdPerToken * tokens;
}

/** How many of the wanted tokens `room` pays for in the worst case; -1 where not even the input. */
export function tokensFor(claim: Claim, room: Money): number {
  return Math.min(byUsd(claim, room.usd), byCount(claim, room.tokens));
}

function byUsd(claim: Claim, usd: number): number {
  const { inputUsd, usdPerToken, wanted } = claim;
  if (worstUsd(claim, wanted) <= usd) return wanted;
  if (inputUsd > usd || usdPerToken === 0) return -1;
  const tokens = Math.floor((usd - inputUsd) / usdPerToken);
  return worstUsd(claim, tokens) <= usd ? tokens : tokens - 1;
}

function byCount({ inputTokens, answers, wanted }: Claim, room: number): number {
  if (inputTokens > room) return -1;
  return Math.min(wanted, Math.floor((room - inputTokens) / answers));
}
