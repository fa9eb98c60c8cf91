/**
 * Spans for an OpenTelemetry collector: OTLP over HTTP, in JSON. Written by hand, as what is told needs none of the SDK's
 * dozen packages.
 *
 * Sent in batches, at most every `flushMs`; what a collector does not take is dropped: nobody waits for it, and no more than
 * `maxHeld` are held. Ids are made from names, so that the engine and a node tell of one trace without a word between them.
 */
import { createHash } from "node:crypto";
import type { Clock, Millis } from "./clock.ts";
import { messageOf } from "./errors.ts";

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
  private held: Span[] = [];
  private cancel: (() => void) | null = null;
  private failing = false;

  constructor(target: OtlpTarget, clock: Clock, log: (line: string) => void) {
    this.target = target;
    this.clock = clock;
    this.log = log;
  }

  add(span: Span): void {
    if (this.held.length < maxHeld) this.held.push(span);
    this.cancel ??= this.clock.after(flushMs, () => void this.flush());
  }

  /** Sends what is held. Never rejects. */
  async flush(): Promise<void> {
    this.cancel?.();
    this.cancel = null;
    const spans = this.held.splice(0);
    if (spans.length === 0) return;
    const { url, headers, service } = this.target;
    try {
      const body = JSON.stringify(encodeSpans(spans, service));
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

export type Value = string | number;

export interface Span {
  /** 32 hex digits; see `traceIdOf`. */
  traceId: string;
  /** 16 hex digits; see `spanIdOf`. */
  spanId: string;
  parentSpanId?: string;
  name: string;
  /** As OTLP counts them: 1 within a process, 3 a call to another. */
  kind: 1 | 3;
  /** Unix time, in ms. */
  startAt: Millis;
  endAt: Millis;
  /** Null for what is not known: it is left out. */
  attributes: Record<string, Value | null>;
  /** What went wrong; undefined where nothing did. */
  error?: string;
  /** A span of another trace that this one belongs to. */
  link?: { traceId: string; spanId: string };
}

/** The body of an export. */
export function encodeSpans(spans: readonly Span[], service: string) {
  const resource = { attributes: attributes({ "service.name": service }) };
  return { resourceSpans: [{ resource, scopeSpans: [{ scope: { name: "godel" }, spans: spans.map(encode) }] }] };
}

/** Of a task by its id, of a goal by that of its team. */
export function traceIdOf(name: string): string {
  return createHash("sha256").update(name).digest("hex").slice(0, 32);
}

export function spanIdOf(name: string): string {
  return createHash("sha256").update(`span ${name}`).digest("hex").slice(0, 16);
}

function encode({ startAt, endAt, attributes: named, error, link, ...span }: Span) {
  return {
    ...span,
    startTimeUnixNano: nanos(startAt),
    endTimeUnixNano: nanos(endAt),
    attributes: attributes(named),
    ...(link && { links: [link] }),
    status: error === undefined ? {} : { code: 2, message: error },
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

function nanos(at: Millis): string {
  return String(BigInt(Math.round(at * 1_000)) * 1_000n);
}
