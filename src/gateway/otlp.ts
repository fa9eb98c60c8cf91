/**
 * A span for each request to a model, sent to an OpenTelemetry collector: OTLP over HTTP, in JSON, with the names of the
 * semantic conventions for generative AI. Written by hand: the one kind of span needs none of the SDK's dozen packages.
 *
 * Spans of one attempt are one trace. Sent in batches, at most every `flushMs`; what a collector does not take is dropped:
 * nobody waits for it, and no more than `maxHeld` are held.
 */
import { createHash, randomBytes } from "node:crypto";
import type { Clock, Millis } from "../lib/clock.ts";
import { messageOf } from "../lib/errors.ts";
import type { RequestRecord } from "./request-record.ts";

const flushMs: Millis = 5_000;
const maxHeld = 2_048;

export interface OtlpTarget {
  url: string;
  headers: Record<string, string>;
  service: string;
}

/** Where spans go, by the standard variables; null where none is named. */
export function otlpTarget(env: NodeJS.ProcessEnv): OtlpTarget | null {
  const base = env.OTEL_EXPORTER_OTLP_ENDPOINT?.replace(/\/+$/, "");
  const url = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || (base && `${base}/v1/traces`);
  if (!url) return null;
  const pairs = (env.OTEL_EXPORTER_OTLP_HEADERS ?? "").split(",").map((pair) => pair.split("="));
  const headers = pairs.flatMap(([name = "", ...value]): [string, string][] =>
    name.trim() === "" ? [] : [[name.trim(), decodeURIComponent(value.join("=").trim())]],
  );
  return { url, headers: Object.fromEntries(headers), service: env.OTEL_SERVICE_NAME || "godel" };
}

export class OtlpExporter {
  private readonly target: OtlpTarget;
  private readonly clock: Clock;
  private readonly log: (line: string) => void;
  private held: RequestRecord[] = [];
  private cancel: (() => void) | null = null;
  private failing = false;

  constructor(target: OtlpTarget, clock: Clock, log: (line: string) => void) {
    this.target = target;
    this.clock = clock;
    this.log = log;
  }

  add(record: RequestRecord): void {
    if (this.held.length < maxHeld) this.held.push(record);
    this.cancel ??= this.clock.after(flushMs, () => void this.flush());
  }

  /** Sends what is held. Never rejects. */
  async flush(): Promise<void> {
    this.cancel?.();
    this.cancel = null;
    const records = this.held.splice(0);
    if (records.length === 0) return;
    const { url, headers, service } = this.target;
    try {
      const body = JSON.stringify(spansOf(records, service));
      const signal = AbortSignal.timeout(flushMs);
      const sent = await fetch(url, {
        method: "POST",
        headers: { ...headers, "content-type": "application/json" },
        body,
        signal,
      });
      if (!sent.ok) throw new Error(`HTTP ${sent.status}`);
      this.failing = false;
    } catch (error) {
      // Said once, until it works again.
      if (!this.failing) this.log(`spans are lost: ${new URL(url).host}: ${messageOf(error)}`);
      this.failing = true;
    }
  }
}

type Value = string | number;

/** The body of an export. */
export function spansOf(records: readonly RequestRecord[], service: string) {
  const resource = { attributes: attributes({ "service.name": service }) };
  return {
    resourceSpans: [{ resource, scopeSpans: [{ scope: { name: "godel.gateway" }, spans: records.map(spanOf) }] }],
  };
}

function spanOf(record: RequestRecord) {
  const { at, attempt, model, totalMs, outcome, status } = record;
  const bad = outcome !== "answered";
  return {
    traceId: traceOf(attempt ?? `${record.team}/planning`),
    spanId: randomBytes(8).toString("hex"),
    name: `chat ${model}`,
    kind: 3,
    startTimeUnixNano: nanos(at),
    endTimeUnixNano: nanos(at + totalMs),
    attributes: attributes({
      ...meaning(record),
      ...(bad && { "error.type": status === null ? outcome : String(status) }),
    }),
    status: bad ? { code: 2, message: outcome } : {},
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

interface Attribute {
  key: string;
  value: { stringValue: string } | { intValue: string } | { doubleValue: number };
}

function attributes(named: Record<string, Value | null>): Attribute[] {
  return Object.entries(named).flatMap(([key, value]) => (value === null ? [] : [{ key, value: typed(value) }]));
}

function typed(value: Value): Attribute["value"] {
  if (typeof value === "string") return { stringValue: value };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

function traceOf(name: string): string {
  return createHash("sha256").update(name).digest("hex").slice(0, 32);
}

function nanos(at: Millis): string {
  return String(BigInt(Math.round(at * 1_000)) * 1_000n);
}
