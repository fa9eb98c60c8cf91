/** How an agent has done: what its attempts came to, took and cost. The newer count for more. */
import type { Millis } from "../../lib/clock.ts";
import type { TrackRecord } from "../../model/standing.ts";
import { lowerBound } from "../beta.ts";
import { agedOutcomes } from "../cascade.ts";

export interface Outcome {
  /** null: it says nothing of the agent, such as an outage of its provider. */
  passed: boolean | null;
  /** Of the task, beside others. Default 1. */
  work?: number;
  ms?: Millis;
  usd?: number;
}

/** `record` with one outcome more. Pure. */
export function withOutcome(
  record: TrackRecord | undefined,
  { passed, work = 1, ms = 0, usd = 0 }: Outcome,
  at: Millis,
  halfLifeMs: Millis,
): TrackRecord {
  const aged = agedRecord(record, at, halfLifeMs);
  return {
    passed: aged.passed + (passed === true ? 1 : 0),
    failed: aged.failed + (passed === false ? 1 : 0),
    work: aged.work + work,
    ms: aged.ms + ms,
    usd: aged.usd + usd,
    at,
  };
}

/** What an agent is expected to be like at `at`; what is not known is undefined. */
export interface Expected {
  /** The share of its tasks that it brings to a good end, at least: the lower bound of a Beta, so that luck does not count. */
  reliability: number;
  /** Of a unit of work. */
  msPerUnit: number | undefined;
  usdPerUnit: number | undefined;
}

export function expectedOf(record: TrackRecord | undefined, at: Millis, halfLifeMs: Millis): Expected {
  const { passed, failed } = agedOutcomes(record, at, { halfLifeMs });
  const per = (sum: number) => (record && record.work > 0 && sum > 0 ? sum / record.work : undefined);
  return {
    reliability: lowerBound(passed + 1, failed + 1),
    msPerUnit: per(record?.ms ?? 0),
    usdPerUnit: per(record?.usd ?? 0),
  };
}

function agedRecord(record: TrackRecord | undefined, at: Millis, halfLifeMs: Millis): TrackRecord {
  if (!record) return { passed: 0, failed: 0, work: 0, ms: 0, usd: 0, at };
  const weight = 0.5 ** (Math.max(0, at - record.at) / halfLifeMs);
  const { work, ms, usd } = record;
  const outcomes = agedOutcomes(record, at, { halfLifeMs });
  return { ...outcomes, work: work * weight, ms: ms * weight, usd: usd * weight, at };
}
