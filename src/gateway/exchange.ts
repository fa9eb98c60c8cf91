/**
 * One request on its way through.
 *
 *   sent → let in → passing → settled     the first part of the answer has come: from here on the agent has it
 *   sent → settled                        refused, unreachable, silent, or broken before that: it may be repeated
 *
 * Settling happens once: it takes what was used to the account and lets go of the grant. What ended it goes to `onEnded`:
 * until something has reached the agent, the caller answers it, or asks elsewhere. A stream that breaks later is cut, so that the
 * agent repeats its turn; halves of two answers are never put together.
 */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "../lib/clock.ts";
import { codeOf } from "../lib/errors.ts";
import { readBody } from "./body.ts";
import { type RefusedAnswer, refusalInStream } from "./fault.ts";
import type { Grant } from "./grants.ts";
import { agentHeaders, upstreamHeaders } from "./headers.ts";
import { Meter, tokensIn } from "./meter.ts";
import { type Counts, noCounts } from "./prices.ts";
import { type Refusal, refusals } from "./refusal.ts";
import { SecretMask } from "./secret-mask.ts";
import { withoutSecrets } from "./secrets.ts";
import type { Upstream } from "./served-model.ts";
import { type Connections, send } from "./upstream.ts";
import { type Patience, Watchdog } from "./watchdog.ts";

/** Longest error body passed on, in bytes; a longer one is left out. */
const maxErrorBytes = 2 ** 20;

/** `counts`: what it took, null where nothing was billed. */
export type End = { counts: Counts | null } & (
  | { kind: "passed"; whole: boolean }
  /** The agent went away, or its grant was revoked. */
  | { kind: "gone" }
  | ({ kind: "refused" } & RefusedAnswer)
  | { kind: "failed"; refusal: Refusal }
);

export interface ExchangeOptions {
  grant: Grant;
  upstream: Upstream;
  url: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
  response: ServerResponse;
  connections: Connections;
  clock: Clock;
  patience: Patience;
  /** Longest answer, in bytes; a longer one is cut. */
  maxAnswerBytes: number;
  /** The provider let it in. */
  onAccepted(headers: IncomingHttpHeaders): void;
  /** The first part of the answer has come. */
  onFirst(): void;
  /** Called once, with null when the provider will not bill the request. */
  onSettled(counts: Counts | null, how: Ending): void;
  /** Called once, after `onSettled`. */
  onEnded(end: End): void;
}

/** `told`: the counts are the provider's own. `broken`: the answer broke off, so it may bill more than passed by. */
export type Ending = "told" | "counted" | "broken";

export class Exchange {
  private readonly options: ExchangeOptions;
  private readonly stop: () => void;
  private readonly watchdog: Watchdog;
  private answer: IncomingMessage | null = null;
  private meter: Meter | null = null;
  private settled = false;
  private sent = false;
  private readonly mask: SecretMask;
  /** What one read of the provider's socket brought; it goes on in one piece, in the same turn. */
  private gathered: Buffer[] = [];
  /** Bytes of the answer that have come. */
  private passed = 0;
  /** The answer has come to its end. */
  private whole = false;

  constructor(options: ExchangeOptions) {
    this.options = options;
    const { url, body, upstream, headers, grant, response, connections, clock, patience } = options;
    this.watchdog = new Watchdog(clock, patience, (ms) => this.silent(ms));
    this.mask = new SecretMask(upstream.secrets);
    const sending = {
      url,
      body,
      headers: upstreamHeaders(headers, upstream.headers, body.length),
      onSent: () => {
        this.sent = true;
      },
      onResponse: (answer: IncomingMessage) => this.answered(answer),
      onError: (error: Error) => this.broke(codeOf(error) ?? error.name),
    };
    this.stop = send(sending, connections);
    grant.running.add(this.abort);
    response.once("close", this.abort);
  }

  /** Ends it from our side: the agent went away, or its grant was revoked. Nothing to do once settled. */
  private readonly abort = (): void => {
    if (this.settled) return;
    this.end({ kind: "gone", counts: this.spentSoFar() });
    this.stop();
    this.options.response.destroy();
  };

  private answered(answer: IncomingMessage): void {
    if (this.settled) return void answer.destroy();
    const status = answer.statusCode ?? 502;
    answer.on("error", (error) => this.broke(codeOf(error) ?? error.name));
    // No redirect is followed: a key goes only where the user's configuration sends it.
    if (status < 200 || status > 299) {
      this.sent = false; // a refusal is free
      this.readRefusal(answer, status).catch(() => this.broke("ECONNRESET"));
      return;
    }
    this.answer = answer;
    const lines = /^text\/event-stream\b/i.test(answer.headers["content-type"] ?? "");
    this.meter = new Meter(this.options.grant.model.api, lines);
    this.options.onAccepted(answer.headers);
    answer.on("data", (chunk: Buffer) => this.gather(answer, chunk));
    this.options.response.on("drain", this.resume);
    answer.once("end", () => {
      this.passOn(answer);
      this.finish(answer);
    });
  }

  private readonly resume = (): void => void this.answer?.resume();

  /** A provider that is quick sends many events at once; each by itself would cost a chunk, and a look at it. */
  private gather(answer: IncomingMessage, chunk: Buffer): void {
    if (this.gathered.push(chunk) === 1) process.nextTick(() => this.passOn(answer));
  }

  private passOn(answer: IncomingMessage): void {
    const [only, ...others] = this.gathered;
    if (only === undefined) return;
    const chunk = others.length === 0 ? only : Buffer.concat(this.gathered);
    this.gathered = [];
    this.pass(answer, chunk);
  }

  private pass(answer: IncomingMessage, chunk: Buffer): void {
    if (this.settled) return;
    this.watchdog.heard();
    if (this.passed === 0 && !this.first(answer, chunk)) return;
    this.passed += chunk.length;
    if (this.passed > this.options.maxAnswerBytes) return this.broke("EMSGSIZE");
    this.meter?.push(chunk);
    const clean = this.mask.pass(chunk);
    if (clean.length > 0 && !this.options.response.write(clean)) answer.pause();
  }

  /** Some providers let a request in and refuse it in the first event: then the agent has seen nothing, and need not. */
  private first(answer: IncomingMessage, chunk: Buffer): boolean {
    const { response, upstream, onFirst } = this.options;
    const refused = refusalInStream(chunk);
    if (refused) {
      this.end({ kind: "refused", counts: null, ...refused, body: withoutSecrets(refused.body, upstream.secrets) });
      this.stop();
      return false;
    }
    onFirst();
    response.writeHead(answer.statusCode ?? 200, agentHeaders(answer.headers, upstream.secrets));
    return true;
  }

  private finish(answer: IncomingMessage): void {
    // The agent hung up while the last bytes passed: the end was on its way already.
    if (this.settled) return;
    const { response, upstream } = this.options;
    if (this.passed === 0) response.writeHead(answer.statusCode ?? 200, agentHeaders(answer.headers, upstream.secrets));
    this.whole = true;
    // A stream without its last words ends here as it did there: agents tell by the words, and repeat the turn.
    this.end({ kind: "passed", whole: !this.meter?.isBroken, counts: this.spentSoFar() });
    response.end(this.mask.end());
  }

  /** A refusal by the provider is free. Whoever passes it on passes no key with it, which it might repeat. */
  private async readRefusal(answer: IncomingMessage, status: number): Promise<void> {
    const { upstream, grant } = this.options;
    if (status === 401 || status === 403) grant.model.forgetKey();
    const body = withoutSecrets((await readBody(answer, maxErrorBytes)) ?? Buffer.from("{}"), upstream.secrets);
    if (this.settled) return;
    this.end({ kind: "refused", counts: null, status, body, headers: agentHeaders(answer.headers, upstream.secrets) });
  }

  private silent(ms: number): boolean {
    if (this.answer?.isPaused()) return true;
    const { hostname } = new URL(this.options.upstream.baseUrl);
    this.broke("ETIMEDOUT", refusals.silent(hostname, ms));
    return false;
  }

  /** The provider broke off. If the agent has a part of it, its answer is cut too, which tells it to repeat the turn. */
  private broke(code: string, refusal?: Refusal): void {
    if (this.settled) return;
    const { response, upstream } = this.options;
    const counts = this.spentSoFar();
    const { hostname } = new URL(upstream.baseUrl);
    if (this.passed > 0) this.end({ kind: "passed", whole: false, counts });
    else this.end({ kind: "failed", refusal: refusal ?? refusals.unreachable(hostname, code), counts });
    this.stop();
    if (this.passed > 0) response.destroy();
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

  private end(end: End): void {
    const { grant, response, onSettled, onEnded } = this.options;
    this.settled = true;
    this.watchdog.stop();
    grant.running.delete(this.abort);
    response.off("close", this.abort);
    response.off("drain", this.resume);
    onSettled(end.counts, this.ending);
    onEnded(end);
  }
}
