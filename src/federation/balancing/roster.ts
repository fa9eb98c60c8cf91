import { assert } from "../../lib/assert.ts";
import type { Millis } from "../../lib/clock.ts";
import { GodelError } from "../../lib/errors.ts";
import { didYouMean } from "../../lib/nearest.ts";
import { CircuitBreaker } from "../circuit-breaker.ts";
import { IndexedHeap } from "../strategies/indexed-heap.ts";
import { Pool, type Slot } from "../strategies/pool.ts";
import type { PickContext, Strategy } from "../strategies/strategy.ts";
import {
  type AgentChanges,
  type AgentView,
  type BalancedAgent,
  type Member,
  newMember,
  type Refusal,
  splitAgent,
} from "./member.ts";
import type { ResolvedOptions } from "./options.ts";
import { ejectionMs, findOutliers, roomToEject } from "./outliers.ts";
import { nextRise, rampedShare } from "./slow-start.ts";

/** Who is there, and who may be given work: health, breaker, ejection, slow start and panic made one bit and one weight. */
export class Roster {
  readonly pool = new Pool();
  readonly #members = new Map<string, Member>();
  readonly #bySlot: (Member | undefined)[] = [];
  /** When something about a slot changes by itself: a breaker's time is over, an ejection ends, a weight rises. */
  readonly #due = new IndexedHeap();
  readonly #strategy: Strategy;
  readonly #options: ResolvedOptions;
  readonly #context: PickContext;
  #sound = 0;
  #isPanicking = false;
  #nextCheck: Millis;
  /** Mean time that a reservation was held, in ms; it scales ejections to long tasks. */
  #meanHeldMs = 0;

  constructor(strategy: Strategy, options: ResolvedOptions, context: PickContext) {
    this.#strategy = strategy;
    this.#options = options;
    this.#context = context;
    this.#nextCheck = context.at + options.healthCheckInterval;
    strategy.attach(this.pool);
  }

  /** Members that are neither suspect nor ejected. */
  get sound(): number {
    return this.#sound;
  }

  get isPanicking(): boolean {
    return this.#isPanicking;
  }

  get members(): Iterable<Member> {
    return this.#members.values();
  }

  /** When the next thing changes by itself, or is found by a check. */
  get nextDue(): Millis {
    return Math.min(this.#due.leastKey(), this.#nextCheck);
  }

  find(id: string): Member | undefined {
    return this.#members.get(id);
  }

  at(slot: Slot): Member {
    const member = this.#bySlot[slot];
    assert(member, `a strategy picked slot ${slot}, which is vacant`);
    return member;
  }

  /** @throws GodelError AGENT_NOT_FOUND. */
  get(id: string): Member {
    const member = this.#members.get(id);
    if (member) return member;
    throw new GodelError("AGENT_NOT_FOUND", `no agent "${id}" in the balancer.${didYouMean(id, this.#members.keys())}`);
  }

  /** `rampFrom` is when its slow start began. @throws GodelError AGENT_STATE if it is there already. */
  add({ id, ...given }: BalancedAgent, rampFrom: Millis): void {
    if (this.#members.has(id)) throw new GodelError("AGENT_STATE", `agent "${id}" is in the balancer already`);
    const parts = splitAgent(given);
    const slot = this.pool.add(id, parts.spec.capacity, parts.traits);
    const breaker = new CircuitBreaker(this.#options.circuitBreaker, this.#context.random);
    const member = newMember(id, { ...parts, slot, breaker, rampFrom });
    this.#members.set(id, member);
    this.#bySlot[slot] = member;
    this.refresh(member);
  }

  remove(id: string): void {
    const member = this.get(id);
    member.isGone = true;
    this.#members.delete(id);
    this.#bySlot[member.slot] = undefined;
    this.#due.remove(member.slot);
    this.pool.remove(member.slot);
    if (member.isSound) this.#sound -= 1;
    this.#strategy.changed(member.slot, this.#context);
    this.#reconsiderPanic();
  }

  update(id: string, changes: AgentChanges): void {
    const member = this.get(id);
    Object.assign(member, splitAgent(changes, member));
    this.pool.capacity[member.slot] = member.spec.capacity;
    this.pool.traits[member.slot] = member.traits;
    this.refresh(member);
  }

  /** Applies all that fell due by the context's time. */
  wake(): void {
    const { at } = this.#context;
    while (this.#due.leastKey() <= at) this.refresh(this.at(this.#due.least()));
    if (at >= this.#nextCheck) this.check();
  }

  /** Asks for everyone's health and ejects outliers. O(members). */
  check(): void {
    this.#nextCheck = this.#context.at + this.#options.healthCheckInterval;
    const { health } = this.#options;
    if (health) {
      for (const member of this.members) {
        const said = health(member.id);
        if (said === member.health) continue;
        member.health = said;
        this.refresh(member);
      }
    }
    if (this.#options.outliers.enabled) this.#ejectOutliers();
  }

  /** One reservation was held for `heldMs` and ended; null where nothing was learnt of the agent. */
  learn(member: Member, succeeded: boolean | null, heldMs: Millis): void {
    this.#meanHeldMs += (heldMs - this.#meanHeldMs) * (this.#meanHeldMs === 0 ? 1 : 0.05);
    if (succeeded === null) return;
    member.outcomes.add(succeeded);
    member.fresh[succeeded ? "successes" : "failures"] += 1;
  }

  /** Works out anew whether `member` may be picked and how much it weighs, and tells the strategy. */
  refresh(member: Member): void {
    const { at } = this.#context;
    const { slot } = member;
    const isSound = member.health === "healthy" && at >= member.ejectedUntil;
    if (isSound !== member.isSound) this.#turn(member, isSound);
    const isAllowed = isSound || this.#isPanicking;
    this.pool.usable[slot] = isAllowed && member.breaker.canAccept(at) ? 1 : 0;
    const { slowStartMs, slowStartAggression } = this.#options;
    const elapsed = at - member.rampFrom;
    this.pool.weight[slot] = member.spec.weight * rampedShare(elapsed, slowStartMs, slowStartAggression);
    this.#schedule(member, elapsed < slowStartMs ? member.rampFrom + nextRise(elapsed, slowStartMs) : null);
    this.#strategy.changed(slot, this.#context);
  }

  /** The first reason why `member` is not free, or null. */
  refusal(member: Member): Refusal | null {
    const { at } = this.#context;
    if (!this.#isPanicking && !member.isSound) return member.health === "healthy" ? "outlier" : member.health;
    if (!member.breaker.canAccept(at)) return "breaker";
    return this.pool.isFree(member.slot) ? null : "full";
  }

  view(member: Member): AgentView {
    const { id, slot, health, breaker } = member;
    const [active = 0, capacity = 0] = [this.pool.active[slot], this.pool.capacity[slot]];
    const weight = this.pool.weight[slot] ?? 0;
    return { id, active, capacity, weight, health, breaker: breaker.state, refusal: this.refusal(member) };
  }

  #turn(member: Member, isSound: boolean): void {
    if (isSound && member.isKnown) member.rampFrom = this.#context.at;
    member.isKnown = true;
    member.isSound = isSound;
    this.#sound += isSound ? 1 : -1;
    this.#reconsiderPanic();
  }

  #reconsiderPanic(): void {
    const isPanicking = this.#sound > 0 && this.#sound < this.#options.panicThreshold * this.pool.count;
    if (isPanicking === this.#isPanicking) return;
    this.#isPanicking = isPanicking;
    for (const member of this.members) this.refresh(member);
  }

  #schedule({ slot, breaker, ejectedUntil }: Member, rise: Millis | null): void {
    const { at } = this.#context;
    const times = [ejectedUntil, breaker.retryAt ?? 0, rise ?? 0].filter((time) => time > at);
    if (times.length === 0) this.#due.remove(slot);
    else this.#due.set(slot, Math.min(...times));
  }

  #ejectOutliers(): void {
    const { at } = this.#context;
    const sound = [...this.members].filter((member) => member.isSound);
    const { outliers } = this.#options;
    const out = [...this.members].filter((member) => at < member.ejectedUntil).length;
    const worst = findOutliers(sound, outliers).slice(0, roomToEject(this.pool.count, out, outliers));
    for (const member of worst) this.#eject(member);
    for (const member of sound) {
      const { successes, failures } = member.fresh;
      if (successes > 0 && failures === 0) member.ejections = Math.max(0, member.ejections - 1);
      member.fresh = { successes: 0, failures: 0 };
    }
  }

  #eject(member: Member): void {
    member.ejections += 1;
    member.ejectedUntil = this.#context.at + ejectionMs(member.ejections, this.#meanHeldMs, this.#options.outliers);
    member.outcomes.clear();
    this.refresh(member);
  }
}
