import { isFields, parseJson } from "../lib/json.ts";
import type { ModelApi } from "./apis.ts";
import { type Counts, noCounts } from "./prices.ts";
import { readUsage } from "./usage-forms.ts";

/** Longest line or body whose usage is read, in bytes. The last event of a Responses stream repeats the whole answer. */
const maxHeldBytes = 16 * 2 ** 20;

/** Bytes a token has at least, on average, in prose and code: an estimate by it errs to the dear side. */
const bytesPerToken = 3;

const newline = 0x0a;
/** What the lines with data begin with: the `d` of `data:`. */
const dataMark = 0x64;
/** How a stream ends in the three APIs, or with a refusal that the agent reads. */
const lastWords = /\[DONE\]|"finish_reason":\s*"|message_stop|response\.(?:completed|incomplete|failed)|"error"/;
const usageKey = Buffer.from('"usage"');
/** In every event that carries new text, in all three APIs, and in none that repeats it. */
const deltaMark = Buffer.from("delta");

/**
 * Reads the tokens of one answer from the bytes that pass by, without holding them up.
 * Cost per chunk: a search for line ends and for `"usage"`; only lines that have it are parsed.
 */
export class Meter {
  private readonly api: ModelApi;
  private readonly lines: boolean;
  private counts: Counts = { ...noCounts };
  private final = false;
  private readonly estimate = new OutputEstimate();
  private held: Buffer[] = [];
  private heldBytes = 0;
  private overflowed = false;
  /** The beginning of the last event's line. */
  private last: Buffer = Buffer.alloc(0);

  /** `lines`: whether the answer is an event stream; otherwise it is one JSON body. */
  constructor(api: ModelApi, lines: boolean) {
    this.api = api;
    this.lines = lines;
  }

  push(chunk: Buffer): void {
    if (!this.lines) return this.hold(chunk);
    let from = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, from)) {
      this.hold(chunk.subarray(from, end));
      this.flush();
      from = end + 1;
    }
    if (from < chunk.length) this.hold(chunk.subarray(from));
  }

  /** Whether the provider has said what the answer took; otherwise it is an estimate. */
  get isTold(): boolean {
    return this.final;
  }

  /** Once its last byte has passed: whether a stream ended without saying that this is its end. */
  get isBroken(): boolean {
    return this.lines && !this.final && !lastWords.test(this.last.toString("latin1"));
  }

  /** What the answer took, once its last byte has passed or it was cut off. `requestBytes` as sent upstream. */
  finish(requestBytes: number): Counts {
    this.flush();
    if (this.final) return this.counts;
    // No usage, or only its beginning: the provider bills all the same, so count what was seen rather than nothing.
    const known = this.counts.input + this.counts.cacheRead + this.counts.cacheWrite > 0;
    return {
      ...this.counts,
      input: known ? this.counts.input : tokensIn(requestBytes),
      output: Math.max(this.counts.output, this.estimate.tokens()),
    };
  }

  private hold(part: Buffer): void {
    this.heldBytes += part.length;
    this.overflowed ||= this.heldBytes > maxHeldBytes;
    if (this.overflowed) this.held = [];
    else if (part.length > 0) this.held.push(part);
  }

  /** Reads what is held, a line or the body, and lets go of it. */
  private flush(): void {
    const bytes = this.heldBytes;
    const text = this.held.length === 1 && this.held[0] ? this.held[0] : Buffer.concat(this.held);
    const lost = this.overflowed;
    this.held = [];
    this.heldBytes = 0;
    this.overflowed = false;
    if (this.lines && bytes > 2 && text[0] === dataMark) this.last = text.subarray(0, 512);
    if (lost || (bytes > 0 && (!this.lines || text.includes(deltaMark)))) this.estimate.add(bytes);
    if (mayHoldUsage(text)) this.read(text.toString("utf8"));
  }

  private read(text: string): void {
    const message = parseJson(this.lines ? text.replace(/^data:/, "") : text);
    const reading = isFields(message) ? readUsage(this.api, message) : undefined;
    if (!reading) return;
    this.counts = { ...this.counts, ...reading.counts };
    this.final ||= reading.final;
  }
}

/** Inside a JSON text the key cannot be written otherwise, for its quotes would be escaped. `null` comes in each chunk. */
function mayHoldUsage(text: Buffer): boolean {
  for (let at = text.indexOf(usageKey); at >= 0; at = text.indexOf(usageKey, at + 1)) {
    if (!/^\s*:\s*null/.test(text.toString("latin1", at + usageKey.length, at + usageKey.length + 8))) return true;
  }
  return false;
}

/**
 * Output tokens of an answer that does not tell. Each event with text holds a token at least, wrapped in a frame of
 * some 200 bytes; whatever an event has above the leanest one is text.
 */
class OutputEstimate {
  private events = 0;
  private bytes = 0;
  private leanest = Number.POSITIVE_INFINITY;

  add(bytes: number): void {
    this.events++;
    this.bytes += bytes;
    this.leanest = Math.min(this.leanest, bytes);
  }

  tokens(): number {
    if (this.events === 0) return 0;
    // A single body has no leaner one to compare with.
    const frames = this.events === 1 ? 0 : this.events * this.leanest;
    return this.events + tokensIn(this.bytes - frames);
  }
}

export function tokensIn(bytes: number): number {
  return Math.ceil(bytes / bytesPerToken);
}
