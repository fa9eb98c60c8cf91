import { present } from "../lib/assert.ts";
import { type Clock, type Millis, systemClock } from "../lib/clock.ts";
import { type Random, seededRandom, systemRandom } from "../lib/random.ts";
import { Claims } from "./claims/claims.ts";
import { Acquaintance } from "./selecting/acquaintance.ts";
import { Members } from "./selecting/members.ts";
import { type SelectorOptions, selectorOptions } from "./selecting/options.ts";
import type { AgentProfile } from "./selecting/profile.ts";
import type { Ranking, Rejection } from "./selecting/ranking.ts";
import { Rankings } from "./selecting/rankings.ts";
import type { SelectionRequest } from "./selecting/request.ts";
import { termsOf } from "./selecting/score.ts";
import type { Choice, Selection } from "./selecting/selection.ts";
import { type Outcome, withOutcome } from "./selecting/track-record.ts";
import { none, type Slot } from "./strategies/pool.ts";

/** Where time and chance come from. */
export interface SelectorWorld {
  /** Default the system's. */
  clock: Clock;
  /** Default a stream with a seed drawn from the system. */
  random: Random;
}

/** What a request adds to the score of one agent. */
interface Extra {
  session: number;
  files: number;
}
const noExtra: Extra = { session: 0, files: 0 };

interface Pick {
  ranking: Ranking;
  /** `none` if nobody can have it. */
  slot: Slot;
  /** Those who fit and cost too much. */
  refused: number;
  /** Those who fit and are not to have it: one or none. */
  excepted: number;
  extra: Extra;
}

/**
 * Chooses the agent for a task, and says why: a hard filter, then cold agents before hot ones, then a score.
 *
 * The filter: skills at their levels, runtime, tier, state, room, money. Cold are those whose tasks in flight are within a
 * quantile of all; hot ones come after them, the least crowded first (Prequal's rule; Wydrowski et al., NSDI 2024). The
 * score is a weighted sum of terms on fixed scales, so that no agent's worth depends on who else is there. Among equals
 * the one that has been free for longest comes first, and newcomers in an order drawn by chance.
 *
 * Agents are ranked once for each kind of request and then kept in order: a choice is O(log agents) for each agent that
 * changed since the last one of its kind, and does not look at the others.
 */
export class AgentSelector {
  readonly #options: SelectorOptions;
  readonly #clock: Clock;
  readonly #members: Members;
  readonly #rankings: Rankings;
  readonly #claims = new Claims();
  readonly #known = new Acquaintance();
  #holders = 0;

  /** @throws GodelError OPTION_UNKNOWN with the nearest name, OPTION_RANGE */
  constructor(options: Partial<SelectorOptions> = {}, world: Partial<SelectorWorld> = {}) {
    this.#options = selectorOptions(options);
    this.#clock = world.clock ?? systemClock;
    this.#members = new Members(this.#options, world.random ?? seededRandom(systemRandom.next() * 2 ** 32));
    this.#rankings = new Rankings(this.#members, this.#options);
  }

  /** How many agents there are. */
  get size(): number {
    return this.#members.count;
  }

  /** Adds an agent, or replaces what is known of one; what it has in flight stays. @throws GodelError OPTION_RANGE */
  setAgent(profile: AgentProfile): void {
    if (this.#members.set(profile)) this.#rankings.outdate();
  }

  /** It is gone: what it had in flight is forgotten. */
  removeAgent(id: string): void {
    const slot = this.#members.find(id);
    if (slot === undefined) return;
    this.#members.remove(slot);
    this.#rankings.outdate();
  }

  /** The agent for a request, reserved until the selection is released, with its files. @throws GodelError OPTION_RANGE */
  selectAgent(request: SelectionRequest): Selection {
    const conflict = request.files && this.#claims.conflict(request.files);
    if (conflict) {
      const why = `another task works on ${conflict.pattern}`;
      return { agent: null, rejected: [{ why, agents: this.size }], release: () => {} };
    }
    const pick = this.#pick(request, this.#clock.wall());
    if (pick.slot === none) return { agent: null, rejected: rejectionsOf(pick), release: () => {} };
    // Told as it was before the reservation.
    const { agent, score, terms, among, rejected } = this.#told(pick);
    return { agent, score, terms, among, rejected, release: this.#reserve(pick.slot, agent, request) };
  }

  /** The agent for a request at `at`. Nothing is reserved: for one who keeps count of agents, and of files, by `setAgent`. */
  choose(request: SelectionRequest, at: Millis): Choice {
    const pick = this.#pick(request, at);
    return pick.slot === none ? { agent: null, rejected: rejectionsOf(pick) } : this.#told(pick);
  }

  /** What is known of an agent. */
  agent(id: string): AgentProfile | undefined {
    const slot = this.#members.find(id);
    return slot === undefined ? undefined : this.#members.profiles[slot];
  }

  #pick(request: SelectionRequest, at: Millis): Pick {
    if (this.#members.ageTo(at)) this.#rankings.outdate();
    const ranking = this.#rankings.of(request);
    const cold = this.#members.inFlight.quantile(this.#options.coldQuantile);
    const best = ranking.best(cold);
    if (best === none) return { ranking, slot: none, refused: 0, excepted: 0, extra: noExtra };
    const except = this.#members.find(request.except ?? "") ?? none;
    const excepted = except !== none && ranking.fits(except) ? 1 : 0;
    const { slot, refused } = this.#affordable(ranking, request, { best, cold, except });
    const extras = slot === none ? new Map<Slot, Extra>() : this.#extrasOf(request);
    if (extras.size === 0) return { ranking, slot, refused, excepted, extra: noExtra };
    extras.delete(except);
    const known = this.#withExtras(ranking, request, { slot, extras, cold });
    return { ranking, slot: known, refused, excepted, extra: extras.get(known) ?? noExtra };
  }

  #told(pick: Pick): Exclude<Choice, { agent: null }> {
    const { ranking, slot, refused, excepted, extra } = pick;
    const agent = present(this.#members.profiles[slot], "the agent that was picked");
    const score = ranking.scoreOf(slot) + bonusOf(ranking, extra);
    const terms = termsOf(this.#members, slot, ranking.wanted, extra);
    return { agent, score, terms, among: ranking.count - refused - excepted, rejected: rejectionsOf(pick) };
  }

  /** `best`, or the best that may have it and that the money is enough for. Only where `best` is neither are others looked at. */
  #affordable(
    ranking: Ranking,
    { budgetUsd = Number.POSITIVE_INFINITY, work = 1 }: SelectionRequest,
    { best, cold, except }: { best: Slot; cold: number; except: Slot },
  ): { slot: Slot; refused: number } {
    const allows = (slot: Slot) => slot !== except && this.#isAffordable(slot, budgetUsd, work);
    if (allows(best)) return { slot: best, refused: 0 };
    const excepted = except !== none && ranking.fits(except) ? 1 : 0;
    if (ranking.cheapestUnit() * work > budgetUsd) return { slot: none, refused: ranking.count - excepted };
    const { slot, refused } = ranking.bestOf(cold, allows);
    return { slot, refused: refused - excepted };
  }

  #isAffordable(slot: Slot, budgetUsd: number, work: number): boolean {
    const usd = this.#members.unitUsd[slot] ?? Number.NaN;
    const limit = Math.min(budgetUsd, this.#members.profiles[slot]?.quotaUsd ?? Number.POSITIVE_INFINITY);
    return limit > 0 && !(usd * work > limit);
  }

  /** Agents that know the session or the folders: few, and the only ones whose score is not that of their ranking. */
  #extrasOf({ session, files = [] }: SelectionRequest): Map<Slot, Extra> {
    if (session === undefined && files.length === 0) return new Map();
    const extras = new Map<Slot, Extra>();
    for (const [id, share] of this.#known.ofFiles(files)) {
      const slot = this.#members.find(id);
      if (slot !== undefined) extras.set(slot, { session: 0, files: Math.min(1, share) });
    }
    const sticky = this.#members.find(this.#known.ofSession(session) ?? "");
    if (sticky !== undefined) extras.set(sticky, { session: 1, files: extras.get(sticky)?.files ?? 0 });
    return extras;
  }

  #withExtras(
    ranking: Ranking,
    { budgetUsd = Number.POSITIVE_INFINITY, work = 1 }: SelectionRequest,
    { slot, extras, cold }: { slot: Slot; extras: ReadonlyMap<Slot, Extra>; cold: number },
  ): Slot {
    let best = slot;
    for (const [other, extra] of extras) {
      if (other === best || !ranking.fits(other) || !this.#isAffordable(other, budgetUsd, work)) continue;
      const own = bonusOf(ranking, extras.get(best) ?? noExtra);
      if (ranking.isBetter(other, best, cold, bonusOf(ranking, extra), own)) best = other;
    }
    return best;
  }

  #reserve(slot: Slot, { id }: AgentProfile, request: SelectionRequest): (outcome?: Outcome) => void {
    this.#members.load(slot, 1);
    const tenant = this.#members.tenantOf(slot);
    const holder = request.files && `h${this.#holders++}`;
    if (holder !== undefined) this.#claims.hold(holder, request.files ?? []);
    if (holder !== undefined || request.session !== undefined)
      this.#known.met(id, request.session, request.files ?? []);
    let isHeld = true;
    return (outcome) => {
      if (!isHeld) return;
      isHeld = false;
      if (holder !== undefined) this.#claims.release(holder);
      if (this.#members.tenantOf(slot) !== tenant) return;
      this.#members.load(slot, -1);
      if (outcome) this.#learn(slot, { work: request.work ?? 1, ...outcome });
    };
  }

  #learn(slot: Slot, outcome: Outcome): void {
    const profile = this.#members.profiles[slot];
    if (!profile) return;
    const record = withOutcome(profile.record, outcome, this.#clock.wall(), this.#options.halfLifeMs);
    this.setAgent({ ...profile, record });
  }
}

function bonusOf({ shares }: Ranking, { session, files }: Extra): number {
  return shares.session * session + shares.files * files;
}

function rejectionsOf({ ranking, refused, excepted }: Pick): Rejection[] {
  const rejected = ranking.rejections();
  if (excepted > 0) rejected.push({ why: "it was taken from it", agents: excepted });
  if (refused > 0) rejected.push({ why: "costs more than is left", agents: refused });
  return rejected;
}

/** The required skills that are not among `skills`. */
export function missingSkills(required: readonly string[], skills: readonly string[]): string[] {
  return required.filter((skill) => !skills.includes(skill));
}
