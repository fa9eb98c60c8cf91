/** What is remembered of how an agent works, beside its peers of the same model. */
import type { Millis } from "../../lib/clock.ts";
import { type Burn, lookAtBurn, newBurn } from "./burn-rate.ts";
import { lookAtOutcome, type Outcomes, type OwnErrors } from "./error-rate.ts";
import type { Evidence } from "./evidence.ts";
import { type History, newHistory } from "./loops.ts";
import type { HealthOptions } from "./options.ts";
import { lookAtSpeed, newPeerSpeeds, type OwnSpeed, type PeerSpeeds } from "./speed.ts";

export interface Habits {
  speed: OwnSpeed;
  errors: OwnErrors;
  tokens: Burn;
  cost: Burn;
  history: History;
}

export interface Peers {
  speeds: PeerSpeeds;
  outcomes: Outcomes;
}

/** One answer of a model. */
export interface Answer {
  seconds: number;
  /** Those that it wrote. */
  tokens: number;
  /** All that were paid for, read and written. Default `tokens`. */
  totalTokens?: number;
  costUsd: number;
}

/** Evidence, and whether it is grave: a hard cap, not a mere oddity. */
export interface Finding {
  evidence: Evidence;
  grave: boolean;
}

export function newHabits(at: Millis): Habits {
  return {
    speed: { log: 0, samples: 0, reported: false },
    errors: { successes: 0, failures: 0, cusum: 0 },
    tokens: newBurn(at),
    cost: newBurn(at),
    history: newHistory(),
  };
}

export function newPeers(): Peers {
  return { speeds: newPeerSpeeds(), outcomes: { successes: 0, failures: 0 } };
}

/** Books an answer in place, and says what is odd about it. */
export function lookAtAnswer(
  habits: Habits,
  peers: Peers,
  answer: Answer,
  { at, options }: { at: Millis; options: HealthOptions },
): Finding[] {
  const { burnThreshold: threshold, maxTokensPerMinute, maxUsdPerHour } = options;
  const speed = lookAtSpeed(habits.speed, peers.speeds, answer, options);
  const amount = answer.totalTokens ?? answer.tokens;
  const tokenLimits = { kind: "token-burn", threshold, capPerMinute: maxTokensPerMinute } as const;
  const costLimits = { kind: "cost-burn", threshold, capPerMinute: maxUsdPerHour / 60 } as const;
  const tokens = lookAtBurn(habits.tokens, { at, amount }, tokenLimits);
  const cost = lookAtBurn(habits.cost, { at, amount: answer.costUsd }, costLimits);
  const burns = [tokens, cost].flatMap((found) => (found ? [{ evidence: found.evidence, grave: found.over }] : []));
  return speed ? [{ evidence: speed, grave: false }, ...burns] : burns;
}

/** Books how an attempt ended, in place. */
export function lookAtEnd(habits: Habits, peers: Peers, failed: boolean, options: HealthOptions): Finding[] {
  const evidence = lookAtOutcome(habits.errors, peers.outcomes, failed, options);
  return evidence ? [{ evidence, grave: false }] : [];
}
