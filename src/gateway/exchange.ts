/**
 * One request on its way through.
 *
 *   sent → streaming → settled     the provider answered, whole or cut
 *   sent → settled                 refused, unreachable, or the agent went away
 *
 * Settling happens once: it takes what was used to the account and lets go of the grant.
 */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { codeOf } from "../lib/errors.ts";
import { readBody } from "./body.ts";
import type { Grant } from "./grants.ts";
import { agentHeaders, upstreamHeaders } from "./headers.ts";
import { Meter, tokensIn } from "./meter.ts";
import { type Counts, noCounts } from "./prices.ts";
import { type Refusal, refusals, refuse } from "./refusal.ts";
import type { Upstream } from "./served-model.ts";
import { type Connections, SilenceError, send } from "./upstream.ts";

/** Longest error body passed on, in bytes; a longer one is left out. */
const maxErrorBytes = 2 ** 20;

export interface ExchangeOptions {
  grant: Grant;
  upstream: Upstream;
  url: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
  response: ServerResponse;
  connections: Connections;
  /** Called once, with null when the provider will not bill the request. */
  onSettled(counts: Counts | null, how: Ending): void;
}

/** `told`: the counts are the provider's own. `broken`: the answer broke off, so it may bill more than passed by. */
export type Ending = "told" | "counted" | "broken";

export class Exchange {
  private readonly options: ExchangeOptions;
  private readonly stop: () => void;
  private meter: Meter | null = null;
  private settled = false;
  private sent = false;
  /** The answer has come to its end. */
  private whole = false;

  constructor(options: ExchangeOptions) {
    this.options = options;
    const { url, body, upstream, headers, grant, response, connections } = options;
    const sending = {
      url,
      body,
      headers: upstreamHeaders(headers, upstream.headers, body.length),
      onSent: () => {
        this.sent = true;
      },
      onResponse: (answer: IncomingMessage) => this.answered(answer),
      onError: (error: Error) => this.failed(error),
    };
    this.stop = send(sending, connections);
    grant.running.add(this.abort);
    response.once("close", this.abort);
  }

  /** Ends it from our side: the agent went away, or its grant was revoked. Nothing to do once settled. */
  private readonly abort = (): void => {
    if (this.settled) return;
    this.settle(this.spentSoFar());
    this.stop();
    this.options.response.destroy();
  };

  private answered(answer: IncomingMessage): void {
    if (this.settled) return void answer.destroy();
    const status = answer.statusCode ?? 502;
    answer.on("error", () => this.cut());
    if (status < 200 || status > 299) {
      this.sent = false; // a refusal is free
      this.passError(answer, status).catch(() => this.cut());
      return;
    }
    const { response, grant } = this.options;
    const lines = /^text\/event-stream\b/i.test(answer.headers["content-type"] ?? "");
    const meter = new Meter(grant.model.api, lines);
    this.meter = meter;
    response.writeHead(status, agentHeaders(answer.headers));
    response.flushHeaders();
    answer.on("data", (chunk: Buffer) => {
      meter.push(chunk);
      if (!response.write(chunk)) answer.pause();
    });
    response.on("drain", () => answer.resume());
    answer.once("end", () => {
      // The agent hung up while the last bytes passed: the end was on its way already.
      if (this.settled) return;
      this.whole = true;
      this.settle(this.spentSoFar());
      response.end();
    });
  }

  /** A refusal by the provider: free, and passed on as it is, but for a key that it might repeat. */
  private async passError(answer: IncomingMessage, status: number): Promise<void> {
    const { response, upstream, grant } = this.options;
    if (status === 401 || status === 403) grant.model.forgetKey();
    const body = clean((await readBody(answer, maxErrorBytes)) ?? Buffer.from("{}"), upstream.secrets);
    if (this.settled) return;
    this.settle(null);
    response.writeHead(status, { ...agentHeaders(answer.headers), "content-length": body.length }).end(body);
  }

  private failed(error: Error): void {
    if (this.settled) return;
    const { response, upstream, connections } = this.options;
    this.settle(this.spentSoFar());
    const { hostname } = new URL(upstream.baseUrl);
    refuse(
      response,
      error instanceof SilenceError ? refusals.silent(hostname, connections.idleMs) : unreachable(hostname, error),
    );
  }

  /** The provider broke off: so does the answer, which tells the agent that it is not whole. */
  private cut(): void {
    if (this.settled) return;
    this.settle(this.spentSoFar());
    this.options.response.destroy();
  }

  private spentSoFar(): Counts | null {
    const bytes = this.options.body.length;
    if (this.meter) return this.meter.finish(bytes);
    // Given up before a word came back, but after the provider had the whole request: it may bill what it read.
    return this.sent ? { ...noCounts, input: tokensIn(bytes) } : null;
  }

  private get ending(): Ending {
    if (this.meter?.isTold) return "told";
    return this.whole || !this.meter ? "counted" : "broken";
  }

  private settle(counts: Counts | null): void {
    this.settled = true;
    this.options.grant.running.delete(this.abort);
    this.options.response.off("close", this.abort);
    this.options.onSettled(counts, this.ending);
  }
}

function unreachable(host: string, error: Error): Refusal {
  return refusals.unreachable(host, codeOf(error) ?? error.name);
}

/** `body` without any of `secrets`. */
function clean(body: Buffer, secrets: readonly string[]): Buffer {
  if (!secrets.some((secret) => body.includes(secret))) return body;
  return Buffer.from(secrets.reduce((text, secret) => text.replaceAll(secret, "[redacted]"), body.toString("utf8")));
}
