import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import { type Clock, type Millis, sleep } from "../lib/clock.ts";
import type { Random } from "../lib/random.ts";
import type { AttemptId, TeamId } from "../model/records.ts";
import { evenShare, type Share } from "../model/share.ts";
import type { End } from "./exchange.ts";
import type { Grant } from "./grants.ts";
import { readAdvice } from "./limits/advice.ts";
import type { Line, Turn, TurnRequest, Waiting } from "./limits/line.ts";
import { RetryBudget } from "./limits/retries.ts";
import type { Route } from "./limits/route.ts";
import type { Routes, Target } from "./limits/routes.ts";
import { StandIns } from "./limits/stand-ins.ts";
import { Stuck } from "./limits/stuck.ts";
import { againAfter, give, tell, tookOf } from "./passage-ends.ts";
import { isRefusal, type Refusal, refusals, refuse } from "./refusal.ts";

export interface PassageOptions {
  clock: Clock;
  random: Random;
  line: Line<Target>;
  routes: Routes;
  /** A request that fails at its provider is repeated so often, waits for limits apart. */
  maxRepeats: number;
}

/** What is to be asked, by whom. */
export interface Journey {
  grant: Grant;
  response: ServerResponse;
  /** Of the request. */
  bytes: number;
  /** Asks `target` once. Refused before it was sent: a refusal; not sent as its turn was stale: that. */
  ask(target: Target, hooks: Hooks): Promise<Asked>;
}

export type Asked = End | Refusal | "stale";

export interface Hooks {
  /** A limit was hit since the turn was given, as while the money was waited for: do not send. */
  isStale(): boolean;
  onAccepted(headers: IncomingHttpHeaders): void;
  onFirst(): void;
}

/** `elsewhere`: its team may use another model by now. Null: its agent went away. */
type Way = Turn<Target> | null | "full" | "elsewhere";

/** What a request that was never sent took. */
const nothing = { requests: 0, tokens: 0, inputTokens: 0, outputTokens: 0 };

/**
 * Takes a request to a provider, and to another, as often as it makes sense: waits for limits, repeats what failed before
 * its agent had seen any of it, and gives it its answer.
 */
export class Passage {
  private readonly options: PassageOptions;
  private readonly budgets = new Map<string, RetryBudget>();
  /** Of the teams that are open. */
  private readonly shares = new Map<TeamId, Share>();
  private readonly standIns = new StandIns();
  private readonly stuck = new Stuck();
  /** How long requests of an attempt have waited for a turn, or were tried in vain, in ms, in all. */
  private readonly waited = new Map<AttemptId, Millis>();
  /** Since when a request of an attempt is being tried that has got no part of an answer yet. */
  private readonly asking = new Map<AttemptId, Millis>();

  constructor(options: PassageOptions) {
    this.options = options;
  }

  /** How long an attempt has waited for providers, in ms, in all; what waits now counts too, be it for its answer to begin. */
  parkedMsOf(attempt: AttemptId): Millis {
    const now = this.options.clock.monotonic();
    const mine = this.options.line.list().filter((waiting) => waiting.attempt === attempt);
    const sinces = [...mine.map(({ since }) => since), this.asking.get(attempt) ?? now];
    return this.waitedMs(attempt) + Math.max(...sinces.map((since) => now - since));
  }

  /** Who has got no answer for want of a provider, since when. */
  parked(): Waiting[] {
    return this.stuck.list(this.options.line.list());
  }

  forget(attempt: AttemptId): void {
    this.stuck.forget(attempt);
    this.waited.delete(attempt);
    this.asking.delete(attempt);
  }

  /** What requests of a team are due of the turns from now on; undefined: as much as any. */
  share(team: TeamId, share: Share | undefined): void {
    if (share === undefined) this.shares.delete(team);
    else this.shares.set(team, share);
  }

  /** Which model a team may use when all that is set up is out, from now on; also for requests that wait already. */
  standIn(team: TeamId, model: string | undefined): void {
    this.standIns.set(team, model);
  }

  async carry(journey: Journey): Promise<void> {
    const { grant, response } = journey;
    const { team } = grant.account;
    const budget = this.budgetOf(await this.options.routes.of(grant.model));
    budget.earn();
    // `repeats` counts waits for leave to repeat, too, but nothing of an outage.
    for (let repeats = 0; ; ) {
      const route = await this.options.routes.of(grant.model, this.standIns.of(team));
      const turn = await this.turn(route, journey);
      if (turn === "elsewhere") continue;
      if (turn === "full") return refuse(response, refusals.crowded());
      if (turn === null) return void response.destroy();
      const triedAt = this.options.clock.monotonic();
      const end = await this.tryOnce(turn, route, journey);
      if (end === "stale") continue;
      if (isRefusal(end)) return refuse(response, end);
      const again = againAfter(end, route);
      if (again === "never") return give(response, end);
      if (again === "parked") continue;
      repeats = await this.beforeRepeat(journey, turn, budget, repeats + 1);
      this.hasWaited(grant, triedAt);
      if (repeats > this.options.maxRepeats) return give(response, end);
      if (response.destroyed) return;
    }
  }

  /**
   * Waits until a request that failed may be repeated. While the breaker is open the line holds repeats back, and what failed
   * says nothing of this request: an outage ends when it is over, or when a person says so, and not by a count. Else the budget
   * holds them back: where it is used up, nobody has heard of an outage yet, and to give up now would be too early.
   * @returns which repeat it is to be; 0 in an outage
   */
  private async beforeRepeat(
    journey: Journey,
    { endpoint }: Turn<Target>,
    budget: RetryBudget,
    first: number,
  ): Promise<number> {
    for (let repeat = first; ; repeat++) {
      if (!endpoint.breaker.canAccept(this.options.clock.monotonic())) return 0;
      if (repeat > this.options.maxRepeats || journey.response.destroyed) return repeat;
      const isPaidFor = budget.spend();
      await this.pause(journey, budget.waitMs(repeat));
      if (isPaidFor) return repeat;
    }
  }

  private hasWaited({ account: { attempt }, live }: Grant, since: Millis): void {
    if (attempt === null || !live) return;
    this.waited.set(attempt, this.waitedMs(attempt) + this.options.clock.monotonic() - since);
  }

  private waitedMs(attempt: AttemptId): Millis {
    return this.waited.get(attempt) ?? 0;
  }

  private async turn(route: Route<Target>, { grant, response, bytes }: Journey): Promise<Way> {
    const { account } = grant;
    const request: TurnRequest<Target> = {
      route,
      need: route.need(bytes),
      team: account.team,
      ...(this.shares.get(account.team ?? "") ?? evenShare),
      attempt: account.attempt,
    };
    // Most get their turn at once.
    let gone: AbortController | null = null;
    const abort = () => gone?.abort();
    const way = this.standIns.waiting(account.team, abort);
    const turn = this.options.line.turn(request, () => {
      gone = new AbortController();
      way.enter();
      this.stuck.waits(account.attempt, this.options.clock.monotonic());
      grant.running.add(abort);
      response.once("close", abort);
      if (!grant.live || response.destroyed) abort();
      return gone.signal;
    });
    if (!(turn instanceof Promise)) return turn;
    const since = this.options.clock.monotonic();
    const waited = await turn;
    this.hasWaited(grant, since);
    way.leave();
    grant.running.delete(abort);
    response.off("close", abort);
    return waited === null && way.isOther && grant.live && !response.destroyed ? "elsewhere" : waited;
  }

  private async tryOnce(turn: Turn<Target>, route: Route<Target>, journey: Journey): Promise<Asked> {
    const { clock, line } = this.options;
    const { leave, endpoint } = turn;
    const startedAt = clock.monotonic();
    let firstAt: Millis | null = null;
    const { attempt, team } = journey.grant.account;
    if (endpoint.breaker.state !== "closed")
      this.stuck.tries(attempt, { team, why: `${endpoint.name} is down`, askAfterMs: route.patience.askAfterMs });
    if (attempt !== null) this.asking.set(attempt, startedAt);
    const end = await journey.ask(endpoint.target, {
      isStale: () => leave.isStale,
      onAccepted: (headers) => {
        leave.accepted(readAdvice(headers, clock.wall()), clock.monotonic());
        line.wake();
      },
      onFirst: () => {
        firstAt = clock.monotonic();
        this.asking.delete(attempt ?? "");
        this.stuck.tried(attempt, false);
      },
    });
    const at = clock.monotonic();
    this.asking.delete(attempt ?? "");
    const sent = end !== "stale" && !isRefusal(end);
    if (sent) tell(end, { leave, route, at, wall: clock.wall() });
    leave.done(sent ? tookOf(end, route, journey.bytes) : nothing);
    // What failed is the business of limits and breakers; here it would be remembered for as long as nobody asks again.
    const whole = sent && end.kind === "passed" && end.whole;
    this.stuck.tried(attempt, whole);
    const sample = whole ? { latencyMs: (firstAt ?? at) - startedAt, failed: false } : null;
    route.ended(endpoint, at, sample);
    line.wake();
    return end;
  }

  private async pause({ grant, response }: Journey, ms: Millis): Promise<void> {
    const gone = new AbortController();
    const abort = () => {
      gone.abort();
      response.destroy();
    };
    grant.running.add(abort);
    response.once("close", abort);
    await sleep(this.options.clock, ms, gone.signal);
    grant.running.delete(abort);
    response.off("close", abort);
  }

  /** One for each model: what fails at one says nothing of another. */
  private budgetOf({ id }: Route<Target>): RetryBudget {
    const known = this.budgets.get(id) ?? new RetryBudget(this.options.random);
    this.budgets.set(id, known);
    return known;
  }
}
