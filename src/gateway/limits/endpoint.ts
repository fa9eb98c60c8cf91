import type { CircuitBreaker, Permit } from "../../federation/circuit-breaker.ts";
import type { Millis } from "../../lib/clock.ts";
import type { Advice } from "./advice.ts";
import type { KnownWait, Limit, Need, Ticket } from "./limit.ts";

/** What kept a request from being answered. `limit`: 429 or a quota. `overload`: 503, 529. `broken`: all other faults of a provider. */
export type Fault = "limit" | "overload" | "broken";

/** One model on one account of one provider: what a request may be sent to. */
export class Endpoint<Target> {
  /** As people know it: `anthropic`, or `anthropic (KEY_2)`. */
  readonly name: string;
  readonly target: Target;
  readonly breaker: CircuitBreaker;
  /** Requests under way, and how long they take until their first token, on average, the newest counting most. */
  inFlight = 0;
  latencyMs: number | null = null;
  /** Of the account, then of the model on it. Both are shared with other endpoints. */
  private readonly limits: readonly Limit[];

  constructor(name: string, target: Target, limits: readonly Limit[], breaker: CircuitBreaker) {
    this.name = name;
    this.target = target;
    this.limits = limits;
    this.breaker = breaker;
  }

  /** When it may be sent to; infinite where only the end of another request makes room. */
  readyAt(at: Millis, need: Need): Millis {
    const tried = this.breaker.canAccept(at) ? at : (this.breaker.retryAt ?? Number.POSITIVE_INFINITY);
    return Math.max(tried, ...this.limits.map((limit) => limit.readyAt(at, need)));
  }

  why(at: Millis, need: Need): string {
    if (!this.breaker.canAccept(at)) return `${this.name} is down`;
    const late = this.limits.find((limit) => limit.readyAt(at, need) > at);
    return late?.why(at, need) ?? `the turn at ${this.name}`;
  }

  /** Whether nothing may be sent for so long that another model is the better choice. */
  isOut(at: Millis, patienceMs: Millis): boolean {
    return (
      !this.breaker.canAccept(at) || this.limits.some((limit) => (limit.parkedAt(at)?.until ?? at) - at > patienceMs)
    );
  }

  /** `latencyMs`: null where the end says nothing of it. */
  ended(latencyMs: Millis | null): void {
    this.inFlight -= 1;
    if (latencyMs === null) return;
    this.latencyMs = this.latencyMs === null ? latencyMs : this.latencyMs + 0.2 * (latencyMs - this.latencyMs);
  }

  take(at: Millis, need: Need): Leave {
    const tickets = this.limits.map((limit) => limit.take(at, need));
    return new Leave(this.limits, tickets, this.breaker, this.breaker.tryAcquire(at));
  }
}

/** Leave to send one request. Ends once, by `done`. */
export class Leave {
  private readonly limits: readonly Limit[];
  private readonly tickets: readonly Ticket[];
  private readonly breaker: CircuitBreaker;
  private permit: Permit | undefined;

  constructor(
    limits: readonly Limit[],
    tickets: readonly Ticket[],
    breaker: CircuitBreaker,
    permit: Permit | undefined,
  ) {
    this.limits = limits;
    this.tickets = tickets;
    this.breaker = breaker;
    this.permit = permit;
  }

  /** Whether a limit was hit since it was given. */
  get isStale(): boolean {
    return this.limits.some((limit, index) => {
      const ticket = this.tickets[index];
      return ticket !== undefined && limit.isStale(ticket);
    });
  }

  /** The provider let it in. */
  accepted(advice: Advice, at: Millis): void {
    this.each((limit, ticket) => limit.accepted(ticket, advice, at));
  }

  /** The provider answers as it should, whatever it says. */
  succeeded(): void {
    if (this.permit !== undefined) this.breaker.recordSuccess(this.permit);
    this.permit = undefined;
  }

  /** `known`: a wait that the provider's answer implies. A limit is the account's, so all its models are parked. */
  failed(fault: Fault, advice: Advice, at: Millis, known?: KnownWait): void {
    if (fault === "limit") this.each((limit, ticket) => limit.limited(ticket, advice, at, known));
    else if (this.permit !== undefined) this.breaker.recordFailure("provider", this.permit, at);
    if (fault === "overload") this.each((limit) => limit.overloaded(advice, at));
    if (fault !== "limit") this.permit = undefined;
  }

  /** `took`: tokens in the end, where they are known. */
  done(took: Partial<Need> = {}): void {
    if (this.permit !== undefined) this.breaker.release(this.permit);
    this.permit = undefined;
    this.each((limit, ticket) => limit.done(ticket, took));
  }

  private each(act: (limit: Limit, ticket: Ticket) => void): void {
    this.limits.forEach((limit, index) => {
      const ticket = this.tickets[index];
      if (ticket) act(limit, ticket);
    });
  }
}
