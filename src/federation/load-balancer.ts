import { type Clock, type Millis, systemClock } from "../lib/clock.ts";
import { GodelError } from "../lib/errors.ts";
import { inRange } from "../lib/options.ts";
import { type Random, seededRandom, systemRandom } from "../lib/random.ts";
import type { AgentChanges, AgentView, BalancedAgent, Member } from "./balancing/member.ts";
import {
  balancerOptions,
  type Health,
  type LoadBalancerOptions,
  type ResolvedOptions,
  strategyOf,
} from "./balancing/options.ts";
import { refused } from "./balancing/refused.ts";
import {
  type Held,
  type Outcome,
  type PickReason,
  type PickRequest,
  Reservation,
  type WaitingRequest,
} from "./balancing/reservation.ts";
import { Roster } from "./balancing/roster.ts";
import { Tending } from "./balancing/tending.ts";
import { WaitingLine } from "./balancing/waiting-line.ts";
import { none, type Slot } from "./strategies/pool.ts";
import type { PickContext, Strategy } from "./strategies/strategy.ts";

/** Where time and chance come from. */
export interface BalancerWorld {
  /** Default the system's. */
  clock: Clock;
  /** Default a stream with a seed drawn from the system. */
  random: Random;
}

/** Timers of Node hold 31 bits of ms. */
const maxWaitMs = 2 ** 31 - 1;

/**
 * Hands out free agents: the strategy ranks them, a pick reserves at once, and a release gives back and teaches.
 *
 * An agent is skipped while it is full, suspect or ejected, while its breaker is open, and while it is set aside
 * as an outlier; with fewer than half healthy, health is ignored (Envoy's panic), with none healthy picks fail at once.
 * Who finds all agents busy may wait in one line, first come first served: binding work only when an agent is
 * free beats every policy that guesses ahead (late binding, as in Sparrow, SOSP 2013).
 *
 * It starts no timer while nobody waits, and needs no close: `close` refuses those who wait.
 */
export class LoadBalancer {
  readonly #options: ResolvedOptions;
  readonly #strategy: Strategy;
  readonly #clock: Clock;
  readonly #context: PickContext;
  readonly #roster: Roster;
  readonly #line: WaitingLine;
  readonly #tending: Tending;
  #hasPicked = false;
  #cancelAlarm: (() => void) | null = null;

  /** @throws GodelError OPTION_UNKNOWN with the nearest name, OPTION_RANGE. */
  constructor(options: Partial<LoadBalancerOptions> = {}, world: Partial<BalancerWorld> = {}) {
    this.#options = balancerOptions(options);
    this.#strategy = strategyOf(this.#options.strategy);
    this.#clock = world.clock ?? systemClock;
    const random = world.random ?? seededRandom(systemRandom.next() * 2 ** 32);
    this.#context = { session: undefined, at: this.#clock.monotonic(), random };
    this.#roster = new Roster(this.#strategy, this.#options, this.#context);
    this.#line = new WaitingLine(this.#clock);
    this.#tending = new Tending(this.#strategy, this.#clock);
  }

  /** Agents added before the first pick start at full weight; later ones have a slow start. @throws GodelError AGENT_STATE if it is there, OPTION_RANGE. */
  addAgent(agent: BalancedAgent): void {
    this.#change((roster) => roster.add(agent, this.#hasPicked ? this.#context.at : Number.NEGATIVE_INFINITY));
  }

  /** What it still holds may be released later, to no effect. @throws GodelError AGENT_NOT_FOUND. */
  removeAgent(id: string): void {
    this.#change((roster) => roster.remove(id));
  }

  /** @throws GodelError AGENT_NOT_FOUND, OPTION_UNKNOWN, OPTION_RANGE. */
  updateAgent(id: string, changes: AgentChanges): void {
    this.#change((roster) => roster.update(id, changes));
  }

  /** What a health monitor says. @throws GodelError AGENT_NOT_FOUND. */
  setHealth(id: string, health: Health): void {
    this.#change((roster) => {
      const member = roster.get(id);
      member.health = health;
      roster.refresh(member);
    });
  }

  /** Runs a health check now, though none is due. */
  check(): void {
    this.#change((roster) => roster.check());
  }

  /** Reserves an agent, or null where none is free. */
  pick(request: PickRequest = {}): Reservation | null {
    this.#wake();
    return this.#reserve(request, null);
  }

  /**
   * Reserves an agent, after a wait of up to `waitMs` where all are busy.
   * @throws GodelError AGENT_STATE if none becomes free in time, none is healthy, or too many wait; AGENT_NOT_FOUND if
   * there are no agents at all; OPTION_RANGE for `waitMs`.
   */
  getAgent(request: WaitingRequest = {}): Promise<Reservation> {
    return this.#obtain(request, null);
  }

  /** How each agent is seen, for those who ask why. O(agents). */
  describe(): AgentView[] {
    this.#wake();
    return Array.from(this.#roster.members, (member) => this.#roster.view(member));
  }

  /** Refuses everyone who waits. The balancer may be used on. */
  close(): void {
    this.#line.clear(() => new GodelError("AGENT_STATE", "the balancer was closed"));
    this.#setAlarm();
  }

  #change(change: (roster: Roster) => void): void {
    this.#tending.soon();
    this.#wake();
    change(this.#roster);
    this.#serve();
  }

  #wake(): void {
    this.#context.at = this.#clock.monotonic();
    this.#roster.wake();
  }

  async #obtain(request: WaitingRequest, failover: PickReason["failover"]): Promise<Reservation> {
    const { waitMs = 0, signal } = request;
    inRange("waitMs", waitMs, 0, maxWaitMs);
    signal?.throwIfAborted();
    this.#wake();
    // Those who wait already come first, unless they want none of what is free.
    if (this.#line.length > 0) this.#serve();
    const reservation = this.#reserve(request, failover);
    if (reservation) return reservation;
    if (waitMs === 0 || this.#roster.sound === 0) throw refused(this.#roster);
    if (this.#line.length >= this.#options.maxWaiting) {
      throw new GodelError("AGENT_STATE", `${this.#line.length} callers wait already; maxWaiting allows no more`);
    }
    const waiting = this.#line.join(
      request,
      waitMs,
      () => this.#reserve(request, failover),
      () => refused(this.#roster),
    );
    this.#setAlarm();
    return waiting.finally(() => this.#setAlarm());
  }

  #reserve({ session, prefer, exclude }: PickRequest, failover: PickReason["failover"]): Reservation | null {
    const { pool } = this.#roster;
    this.#context.session = session;
    const preferred = prefer === undefined || exclude?.has(prefer) ? undefined : this.#roster.find(prefer);
    const isPreferred = preferred !== undefined && pool.isFree(preferred.slot);
    const slot = isPreferred ? preferred.slot : this.#rank(exclude);
    if (slot === none) return null;
    const member = this.#roster.at(slot);
    const { at } = this.#context;
    const permit = member.breaker.tryAcquire(at);
    pool.reserve(slot);
    this.#hasPicked = true;
    const isProbe = member.breaker.state === "half-open";
    // A closed breaker stays closed by a pick; any other may have given its last permit.
    if (isProbe) this.#roster.refresh(member);
    else this.#strategy.changed(slot, this.#context);
    const by = isPreferred ? "preferred" : this.#roster.isPanicking ? "panic" : "strategy";
    return new Reservation({ member, permit, since: at }, { by, isProbe, failover }, this.#releaser);
  }

  /** The strategy's choice, with those in `exclude` hidden from it meanwhile. */
  #rank(exclude: ReadonlySet<string> | undefined): Slot {
    if (exclude === undefined || exclude.size === 0) return this.#strategy.pick(this.#context);
    const { pool } = this.#roster;
    const hidden = [...exclude].flatMap((id) => this.#roster.find(id) ?? []);
    for (const { slot } of hidden) {
      pool.usable[slot] = 0;
      this.#strategy.changed(slot, this.#context);
    }
    const slot = this.#strategy.pick(this.#context);
    for (const member of hidden) this.#roster.refresh(member);
    return slot;
  }

  readonly #releaser = {
    settle: (held: Held, outcome: Outcome, latencyMs: Millis | undefined) => this.#settle(held, outcome, latencyMs),
    failOver: (from: Reservation, outcome: Outcome, request: WaitingRequest) => {
      const tried = [...(from.reason.failover?.tried ?? []), from.id];
      const exclude = new Set([...(request.exclude ?? []), ...tried]);
      return this.#obtain({ ...request, exclude }, { from: from.id, outcome, tried });
    },
  };

  #settle({ member, permit, since }: Held, outcome: Outcome, latencyMs: Millis | undefined): void {
    if (member.isGone) return;
    this.#wake();
    const { at } = this.#context;
    this.#roster.pool.release(member.slot);
    this.#judge(member, permit, outcome);
    // A provider's failure is no verdict on the agent.
    const isOwn = outcome === "success" || outcome === "infrastructure" || outcome === "task";
    this.#roster.learn(member, isOwn ? outcome === "success" : null, at - since);
    if (latencyMs !== undefined) {
      const failed = outcome === "infrastructure" || outcome === "provider";
      this.#strategy.observe?.(member.slot, { latencyMs, failed }, at);
    }
    this.#roster.refresh(member);
    this.#serve();
  }

  #judge(member: Member, permit: Held["permit"], outcome: Outcome): void {
    if (permit === undefined) return;
    const { breaker } = member;
    const before = breaker.state;
    if (outcome === "success") breaker.recordSuccess(permit);
    else if (outcome === "abandoned") breaker.release(permit);
    else breaker.recordFailure(outcome, permit, this.#context.at);
    if (before === "half-open" && breaker.state === "closed") member.rampFrom = this.#context.at;
  }

  #serve(): void {
    if (this.#line.length === 0) return;
    if (this.#roster.sound === 0) this.#line.clear(() => refused(this.#roster));
    else this.#line.serve();
    this.#setAlarm();
  }

  /** Wakes when the next thing changes by itself, while somebody waits for it. */
  #setAlarm(): void {
    this.#cancelAlarm?.();
    this.#cancelAlarm = null;
    if (this.#line.length === 0) return;
    this.#cancelAlarm = this.#clock.after(Math.max(1, this.#roster.nextDue - this.#context.at), () => {
      this.#wake();
      this.#serve();
    });
  }
}
