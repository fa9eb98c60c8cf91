/** A request to a model as a span, with the names of the semantic conventions for generative AI: a part of its attempt's. */
import { randomBytes } from "node:crypto";
import { type Span, spanIdOf, traceIdOf, type Value } from "../lib/otlp.ts";
import type { RequestRecord } from "./request-record.ts";

export function requestSpan(record: RequestRecord): Span {
  const { at, team, task, attempt, model, totalMs, outcome, status } = record;
  const bad = outcome !== "answered";
  return {
    // What planning asks is a part of the goal's.
    traceId: traceIdOf(task ?? team ?? "planning"),
    spanId: randomBytes(8).toString("hex"),
    ...(attempt !== null && { parentSpanId: spanIdOf(attempt) }),
    ...(attempt === null && team !== null && { parentSpanId: spanIdOf(`${team} plan`) }),
    name: `chat ${model}`,
    kind: 3,
    startAt: at,
    endAt: at + totalMs,
    attributes: {
      ...meaning(record),
      ...(bad && { "error.type": status === null ? outcome : String(status) }),
    },
    ...(bad && { error: outcome }),
  };
}

function meaning(record: RequestRecord): Record<string, Value | null> {
  const { usage } = record;
  return {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": record.provider,
    "gen_ai.request.model": record.model,
    "gen_ai.conversation.id": record.attempt,
    // Input counts what was cached, as the conventions have it.
    "gen_ai.usage.input_tokens": usage.input + usage.cacheRead + usage.cacheWrite,
    "gen_ai.usage.output_tokens": usage.output,
    "gen_ai.usage.cache_read.input_tokens": usage.cacheRead,
    "gen_ai.usage.cache_creation.input_tokens": usage.cacheWrite,
    "gen_ai.response.time_to_first_chunk": record.firstMs === null ? null : record.firstMs / 1_000,
    "server.address": record.host,
    "godel.team": record.team,
    "godel.task": record.task,
    "godel.attempt": record.attempt,
    "godel.outcome": record.outcome,
    "godel.cost_usd": usage.costUsd,
    "godel.queue_seconds": record.queueMs / 1_000,
  };
}
