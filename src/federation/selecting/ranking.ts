import { IndexedHeap } from "../strategies/indexed-heap.ts";
import { copied, none, type Slot } from "../strategies/pool.ts";
import { Bitmap } from "./bitmap.ts";
import { lastCrowd } from "./in-flight.ts";
import type { Members } from "./members.ts";
import type { SelectorOptions } from "./options.ts";
import { absent, fits, type ReasonCode } from "./reasons.ts";
import { type Shares, sharesOf, type Wanted } from "./request.ts";
import { steadyScore } from "./score.ts";

/** How many agents are out, and why. Each is in one group: by the first that it fails of skill, level, runtime, tier, state, money. */
export interface Rejection {
  why: string;
  agents: number;
}

/**
 * The agents ranked for one kind of request: a heap for each number of tasks in flight, the best score first.
 *
 * Only agents with the skills are looked at, and again only when something about them changed: the next question pays
 * O(log agents) for each change since the last one. Who is out is counted by reason as it changes, so that also
 * "nobody fits, because" takes no look at anybody.
 */
export class Ranking {
  readonly wanted: Wanted;
  readonly shares: Shares;
  /** Agents that fit. */
  count = 0;
  readonly #members: Members;
  readonly #heaps: IndexedHeap[] = Array.from({ length: lastCrowd + 1 }, () => new IndexedHeap());
  /** With the least expected cost first; only once anybody has asked. */
  #cheapest: IndexedHeap | undefined;
  #scores: Float64Array = new Float64Array(16);
  /** The score but for the load, what a slot is refused for but by its state, and the version that both are of. */
  #steady: Float64Array = new Float64Array(16);
  #verdicts: Int32Array = new Int32Array(16);
  #versions: Int32Array = new Int32Array(16);
  #codes: Int32Array = new Int32Array(16);
  /** The heap that a slot stands in. */
  #crowds: Int32Array = new Int32Array(16);
  readonly #counts: number[] = [];
  #skilled = new Bitmap();
  #lacking: Rejection[] = [];
  /** Changes that were heeded. */
  #seen = 0;
  #isStale = true;

  constructor(members: Members, wanted: Wanted, options: SelectorOptions) {
    this.#members = members;
    this.wanted = wanted;
    this.shares = sharesOf(options, wanted.cost);
  }

  /** An agent came, left or changed its skills, or all have aged. */
  outdate(): void {
    this.#isStale = true;
  }

  refresh(): void {
    const { changes } = this.#members;
    if (this.#isStale || !changes.has(this.#seen)) return this.#rank();
    for (; this.#seen < changes.end; this.#seen++) {
      const slot = changes.at(this.#seen);
      if (this.#skilled.has(slot)) this.#place(slot);
    }
  }

  fits(slot: Slot): boolean {
    return this.#codes[slot] === fits;
  }

  scoreOf(slot: Slot): number {
    return this.#scores[slot] ?? 0;
  }

  /** The best of those with at most `cold` tasks in flight, or else the best of the least crowded; `none` if nobody fits. */
  best(cold: number): Slot {
    let best = none;
    for (let crowd = 0; crowd <= cold; crowd++) {
      const slot = this.#heaps[crowd]?.least() ?? none;
      if (slot !== none && (best === none || this.isBetter(slot, best, cold))) best = slot;
    }
    for (let crowd = cold + 1; best === none && crowd <= lastCrowd; crowd++) best = this.#heaps[crowd]?.least() ?? none;
    return best;
  }

  /** The best of those that `allows` allows, by a look at all. */
  bestOf(cold: number, allows: (slot: Slot) => boolean): { slot: Slot; refused: number } {
    let best = none;
    let refused = 0;
    this.#skilled.each((slot) => {
      if (this.#codes[slot] !== fits) return;
      if (!allows(slot)) refused++;
      else if (best === none || this.isBetter(slot, best, cold)) best = slot;
    });
    return { slot: best, refused };
  }

  /** Whether `one` comes before `other`, where `bonus` is added to its score. */
  isBetter(one: Slot, other: Slot, cold: number, bonus = 0, otherBonus = 0): boolean {
    const crowds = this.#heat(one, cold) - this.#heat(other, cold);
    if (crowds !== 0) return crowds < 0;
    const scores = this.scoreOf(one) + bonus - this.scoreOf(other) - otherBonus;
    if (scores !== 0) return scores > 0;
    return (this.#members.tie[one] ?? 0) < (this.#members.tie[other] ?? 0);
  }

  /** What a unit of work costs by the cheapest that fits, in USD; Infinity where nobody does, 0 where one's cost is not known. */
  cheapestUnit(): number {
    if (!this.#cheapest) {
      this.#cheapest = new IndexedHeap();
      this.#skilled.each((slot) => this.#price(slot));
    }
    return this.#cheapest.leastKey();
  }

  rejections(): Rejection[] {
    const groups = this.#lacking.slice();
    for (let code = fits + 1; code < this.#counts.length; code++) {
      const agents = this.#counts[code] ?? 0;
      if (agents > 0) groups.push({ why: this.#members.reasons.textOf(code), agents });
    }
    return groups;
  }

  /** All anew. O(agents / 32) and O(log agents) for each with the skills. */
  #rank(): void {
    const before = this.#skilled;
    this.#selectSkilled();
    const { profiles } = this.#members;
    while (profiles.length > this.#codes.length) this.#grow();
    before.each((slot) => {
      if (!this.#skilled.has(slot)) this.#move(slot, absent);
    });
    this.#skilled.each((slot) => this.#place(slot));
    this.#seen = this.#members.changes.end;
    this.#isStale = false;
  }

  #selectSkilled(): void {
    this.#skilled = this.#members.present.copy();
    this.#lacking = [];
    for (const { skill } of this.wanted.skills) {
      const agents = this.#skilled.intersect(this.#members.skilled.get(skill));
      if (agents > 0) this.#lacking.push({ why: `lacks ${skill}`, agents });
    }
  }

  /** Finds out where a slot belongs now. */
  #place(slot: Slot): void {
    const members = this.#members;
    if (this.#versions[slot] !== members.version[slot]) this.#judge(slot);
    const verdict = this.#verdicts[slot] ?? absent;
    const code = verdict === fits ? (members.refusal[slot] ?? absent) : verdict;
    if (code !== fits) return this.#move(slot, code);
    const crowd = members.crowd[slot] ?? 0;
    if (crowd !== this.#crowds[slot]) this.#heaps[this.#crowds[slot] ?? 0]?.remove(slot);
    this.#crowds[slot] = crowd;
    const score = (this.#steady[slot] ?? 0) + this.shares.load * (members.room[slot] ?? 0);
    this.#scores[slot] = score;
    this.#heaps[crowd]?.set(slot, -score, members.tie[slot] ?? 0);
    this.#count(slot, fits);
    if (this.#cheapest) this.#price(slot);
  }

  /** Out, for the reason `code`. */
  #move(slot: Slot, code: ReasonCode): void {
    this.#heaps[this.#crowds[slot] ?? 0]?.remove(slot);
    this.#cheapest?.remove(slot);
    this.#count(slot, code);
  }

  #count(slot: Slot, code: ReasonCode): void {
    const before = this.#codes[slot] ?? absent;
    if (before === code) return;
    if (before === fits) this.count -= 1;
    else if (before !== absent) this.#counts[before] = (this.#counts[before] ?? 0) - 1;
    if (code === fits) this.count += 1;
    else if (code !== absent) this.#counts[code] = (this.#counts[code] ?? 0) + 1;
    this.#codes[slot] = code;
  }

  /** What stays as it is until the profile changes. */
  #judge(slot: Slot): void {
    this.#versions[slot] = this.#members.version[slot] ?? 0;
    this.#verdicts[slot] = this.#verdictOf(slot);
    this.#steady[slot] = steadyScore(this.#members, slot, this.wanted, this.shares);
  }

  #verdictOf(slot: Slot): ReasonCode {
    const { profiles, levels, reasons } = this.#members;
    const profile = profiles[slot];
    if (!profile) return absent;
    const { skills, runtime, tiers } = this.wanted;
    for (const { skill, level } of skills) {
      if (level > 0 && (levels[slot]?.get(skill) ?? 0) < level) return reasons.codeOf(`has ${skill} below ${level}`);
    }
    if (runtime !== undefined && profile.runtime !== runtime) return reasons.codeOf(`does not run ${runtime}`);
    if (tiers && !tiers.includes(profile.tier ?? ""))
      return reasons.codeOf(`is of another tier than ${tiers.join(", ")}`);
    return fits;
  }

  #price(slot: Slot): void {
    if (this.#codes[slot] !== fits) return;
    const usd = this.#members.unitUsd[slot] ?? Number.NaN;
    this.#cheapest?.set(slot, Number.isNaN(usd) ? 0 : usd);
  }

  /** 0 for a cold one; what a hot one has in flight. */
  #heat(slot: Slot, cold: number): number {
    const crowd = this.#crowds[slot] ?? 0;
    return crowd <= cold ? 0 : crowd;
  }

  #grow(): void {
    const length = 2 * this.#codes.length;
    this.#codes = copied(this.#codes, new Int32Array(length));
    this.#crowds = copied(this.#crowds, new Int32Array(length));
    this.#scores = copied(this.#scores, new Float64Array(length));
    this.#steady = copied(this.#steady, new Float64Array(length));
    this.#verdicts = copied(this.#verdicts, new Int32Array(length));
    this.#versions = copied(this.#versions, new Int32Array(length));
  }
}
