/**
 * What one account may send, or one model of it: told by the user, told by the provider, or learnt by hitting it.
 *
 *   open → parked      a 429: nobody who shares it sends until then
 *   parked → proving   the time is over: one request at a time
 *   proving → open     one was let in; the others follow at the pace that is known
 *
 * Told a limit, it keeps to it by sliding windows and meets no 429 at all. Told nothing, it learns a rate (`LearntRate`).
 * An overload (503, 529) lowers how many are under way at once.
 */
import type { Millis } from "../../lib/clock.ts";
import type { Random } from "../../lib/random.ts";
import type { ProviderState } from "../../model/provider-state.ts";
import { type Advice, type Dimension, dimensions, words } from "./advice.ts";
import { LearntRate } from "./learnt-rate.ts";
import type { LimitOptions } from "./limit-options.ts";
import { type Mark, Window, windowMs } from "./window.ts";

/** What a request will take, as far as is known before. */
export type Need = Readonly<Record<Dimension, number>>;

/** One request that was let out. End it with `done`. */
export interface Ticket {
  readonly need: Need;
  readonly marks: Readonly<Record<Dimension, Mark>>;
  /** Of the limit when it was taken: a verdict on an older period proves nothing. */
  readonly period: number;
  isAccepted: boolean;
}

/** What is known of a wait where the provider does not say how long. */
export interface KnownWait {
  ms: Millis;
  why: string;
}

export interface Parked {
  until: Millis;
  why: string;
}

/** Between requests to a provider that has said nothing yet, in ms; a few may go out at once. */
const startGapMs: Millis = 25;
const startBurst = 8;
/** Waits longer than this, in ms, tell of a quota and not of a rate. */
const quotaMs: Millis = 120_000;
/** First and longest wait where a 429 does not say how long, in ms. */
const backoffMs = { first: 1_000, longest: 60_000 } as const;
/** From so many under way at once on, a limit that overloads have taught is given up. */
const maxLearntConcurrency = 1_000;

export class Limit {
  readonly name: string;
  private readonly told: LimitOptions;
  private readonly random: Random;
  private readonly windows: Record<Dimension, Window>;
  private inFlight = 0;
  /** Let out in this period, and not yet let in. */
  private unproven = 0;
  private concurrency: number;
  private park: Parked | null = null;
  private proving = false;
  private period = 0;
  private strikes = 0;
  private readonly rate = new LearntRate();
  private limitedAt = Number.NEGATIVE_INFINITY;
  private overloadedAt = Number.NEGATIVE_INFINITY;
  /** When the next request is due by pace alone (GCRA's theoretical arrival time). */
  private dueAt = Number.NEGATIVE_INFINITY;

  constructor(name: string, told: LimitOptions, random: Random) {
    this.name = name;
    this.told = told;
    this.random = random;
    this.windows = {
      requests: new Window(told.requestsPerMinute),
      tokens: new Window(told.tokensPerMinute),
      inputTokens: new Window(told.inputTokensPerMinute),
      outputTokens: new Window(told.outputTokensPerMinute),
    };
    this.concurrency = told.concurrency ?? Number.POSITIVE_INFINITY;
  }

  /** While it is parked. */
  parkedAt(at: Millis): Parked | null {
    return this.park !== null && this.park.until > at ? this.park : null;
  }

  /** When a request may go out; infinite where only the end of another makes room. */
  readyAt(at: Millis, need: Need): Millis {
    if (this.inFlight >= Math.floor(this.concurrency)) return Number.POSITIVE_INFINITY;
    if (this.isProving(at) && this.unproven > 0) return Number.POSITIVE_INFINITY;
    const { gapMs, burst } = this.pace(at);
    const due = this.dueAt - burst * gapMs;
    const waits = dimensions.map((each) => this.windows[each].freeAt(at, need[each]));
    return Math.max(at, this.park?.until ?? at, due, ...waits);
  }

  /** Why `readyAt` is not now. */
  why(at: Millis, need: Need): string {
    const parked = this.parkedAt(at);
    if (parked) return parked.why;
    if (this.inFlight >= Math.floor(this.concurrency))
      return `${Math.floor(this.concurrency)} requests at once to ${this.name}`;
    if (this.isProving(at)) return `the first request after the limit of ${this.name} was hit`;
    const full = dimensions.find((each) => this.windows[each].freeAt(at, need[each]) > at);
    if (full) return `${this.windows[full].limit} ${words[full]} a minute of ${this.name}`;
    return this.rate.perMinute === null
      ? `the pace of ${this.name}`
      : `${Math.floor(this.rate.perMinute)} requests a minute of ${this.name}, as learnt`;
  }

  /** What went out in the last minute, and against what, for people; where nothing did and no limit is known, nothing. */
  shown(at: Millis): { learntPerMinute: number | null; limits: ProviderState["limits"] } {
    const limits = dimensions.map((each) => {
      const { limit } = this.windows[each];
      return { name: `${words[each]} a minute of ${this.name}`, used: this.windows[each].used(at), limit };
    });
    return {
      learntPerMinute: this.rate.perMinute === null ? null : Math.floor(this.rate.perMinute),
      limits: limits.filter(({ used, limit }) => used > 0 || limit !== null),
    };
  }

  take(at: Millis, need: Need): Ticket {
    if (this.park && this.park.until <= at) this.park = null;
    this.dueAt = Math.max(this.dueAt, at) + this.pace(at).gapMs;
    this.inFlight += 1;
    this.unproven += 1;
    const marks = { requests: 0, tokens: 0, inputTokens: 0, outputTokens: 0 };
    for (const each of dimensions) marks[each] = this.windows[each].add(at, need[each]);
    return { need, marks, period: this.period, isAccepted: false };
  }

  /** Whether the limit was hit since: one that has not been sent must not be any more. */
  isStale(ticket: Ticket): boolean {
    return ticket.period !== this.period;
  }

  /** The provider let it in. */
  accepted(ticket: Ticket, advice: Advice, at: Millis): void {
    this.prove(ticket);
    this.observe(advice, at);
    this.strikes = 0;
    this.rate.accepted(at);
    if (this.concurrency < (this.told.concurrency ?? Number.POSITIVE_INFINITY))
      this.concurrency += 1 / this.concurrency;
    if (this.told.concurrency === null && this.concurrency >= maxLearntConcurrency)
      this.concurrency = Number.POSITIVE_INFINITY;
  }

  /** 429: everyone who shares it is parked, for as long as is known or advised. */
  limited(ticket: Ticket, advice: Advice, at: Millis, known?: KnownWait): void {
    // It took nothing.
    for (const each of dimensions) this.windows[each].correct(ticket.marks[each], -ticket.need[each]);
    this.observe(advice, at);
    const waitMs = advice.retryAfterMs ?? known?.ms ?? this.backoff();
    if (ticket.period === this.period) this.strike(advice, at, waitMs);
    const until = Math.max(this.park?.until ?? 0, at + waitMs);
    const quota = `the quota of ${this.name} is used up`;
    this.park = { until, why: known?.why ?? (waitMs > quotaMs ? quota : `${this.name} said 429`) };
    this.period += 1;
    this.proving = true;
    this.unproven = 0;
  }

  /** 503 or 529: fewer at once, and none until a time that it names. */
  overloaded(advice: Advice, at: Millis): void {
    if (advice.retryAfterMs !== null) {
      this.park = {
        until: Math.max(this.park?.until ?? 0, at + advice.retryAfterMs),
        why: `${this.name} is overloaded`,
      };
    }
    // All that were under way meet the same overload: they count once.
    if (at - this.overloadedAt < 1_000) return;
    this.overloadedAt = at;
    this.concurrency = Math.max(1, Math.floor(this.inFlight / 2));
  }

  /** It is over. `took`: what it took in the end, where that is known. */
  done(ticket: Ticket, took: Partial<Need> = {}): void {
    this.inFlight -= 1;
    if (!ticket.isAccepted && ticket.period === this.period) this.unproven -= 1;
    ticket.isAccepted = true;
    for (const each of dimensions) {
      const used = took[each];
      if (used !== undefined) this.windows[each].correct(ticket.marks[each], used - ticket.need[each]);
    }
  }

  private isProving(at: Millis): boolean {
    return this.proving && (this.park === null || this.park.until <= at);
  }

  private prove(ticket: Ticket): void {
    if (ticket.isAccepted) return;
    ticket.isAccepted = true;
    if (ticket.period !== this.period) return;
    this.unproven -= 1;
    this.proving = false;
  }

  /** The first 429 of a period says that the rate was too high; the others were under way with it. */
  private strike(advice: Advice, at: Millis, waitMs: Millis): void {
    this.strikes += 1;
    const isRate = this.windows.requests.limit === null && waitMs <= quotaMs && advice.quotas.size === 0;
    if (isRate) this.rate.refused(at, this.windows.requests.used(at));
    this.limitedAt = at;
  }

  private observe({ quotas }: Advice, at: Millis): void {
    for (const [dimension, { limit, remaining }] of quotas) {
      const window = this.windows[dimension];
      if (limit !== null && limit > 0) window.limit = Math.min(limit, this.toldOf(dimension) ?? limit);
      if (remaining !== null) window.believe(at, remaining);
    }
  }

  private toldOf(dimension: Dimension): number | null {
    return this.told[`${dimension}PerMinute`];
  }

  /** Spread out for a minute after a 429, for whoever counts by the second; and always while nothing is told. */
  private pace(at: Millis): { gapMs: Millis; burst: number } {
    const { limit } = this.windows.requests;
    if (limit !== null) return { gapMs: at - this.limitedAt < windowMs ? windowMs / limit : 0, burst: 0 };
    const { perMinute } = this.rate;
    if (perMinute !== null) return { gapMs: windowMs / perMinute, burst: 0 };
    const sent = this.windows.requests.used(at);
    return { gapMs: startGapMs * Math.min(1, windowMs / 1_000 / Math.max(1, sent)), burst: startBurst };
  }

  private backoff(): Millis {
    const { first, longest } = backoffMs;
    return Math.min(longest, first * 2 ** Math.min(10, this.strikes)) * (0.5 + this.random.next() / 2);
  }
}
