import type { Millis } from "../../lib/clock.ts";
import { inRange } from "../../lib/options.ts";
import type { Random } from "../../lib/random.ts";
import { clamp, logScale, timeScale } from "../scales.ts";
import { copied, type Slot } from "../strategies/pool.ts";
import { Bitmap } from "./bitmap.ts";
import { ChangeLog } from "./change-log.ts";
import { InFlight, lastCrowd, mostCrowded } from "./in-flight.ts";
import type { SelectorOptions } from "./options.ts";
import { type AgentProfile, levelsOf } from "./profile.ts";
import { absent, fits, type ReasonCode, Reasons } from "./reasons.ts";
import { expectedOf } from "./track-record.ts";

/** Parts of a half-life in which nothing ages: an outcome is off by at most 1% of its weight, and ranks stand still. */
const agingSteps = 64;

/**
 * The agents as a structure of arrays, with a bitmap for each skill. What ranks by them asks by slot, and is told of each
 * slot that changed.
 */
export class Members {
  readonly profiles: (AgentProfile | undefined)[] = [];
  readonly levels: ReadonlyMap<string, number>[] = [];
  readonly reasons = new Reasons();
  readonly inFlight = new InFlight();
  readonly present = new Bitmap();
  /** Who has each skill, at any level. */
  readonly skilled = new Map<string, Bitmap>();
  active = new Int32Array(16);
  capacity = new Int32Array(16);
  /** What each is worth by itself, from 0 to 1. */
  speed = new Float64Array(16);
  reliability = new Float64Array(16);
  /** Expected cost of a unit of work, in USD; NaN where it is not known. */
  unitUsd = new Float64Array(16);
  /** Grows whenever anything but the load of a slot changes. */
  version = new Int32Array(16);
  /** Among equals, the one that has been free for longest comes first. */
  tie = new Float64Array(16);
  /** Counts who had each place: another agent may have it by now. */
  readonly #tenants: number[] = [];
  /** What follows from state and load, worked out once for all that rank by it: why it gets nothing now, or `fits`; in which crowd it is; its room, from 0 to 1. */
  refusal = new Int32Array(16);
  crowd = new Int32Array(16);
  room = new Float64Array(16);
  /** Slots whose load or profile changed, in order. */
  readonly changes = new ChangeLog();
  /** Why its state keeps work from it; `fits` if it does not. */
  #state: Int32Array = new Int32Array(16);
  readonly #slots = new Map<string, Slot>();
  readonly #vacant: Slot[] = [];
  readonly #options: SelectorOptions;
  readonly #random: Random;
  readonly #full: ReasonCode;
  #released = 0;
  #age = Number.NEGATIVE_INFINITY;

  constructor(options: SelectorOptions, random: Random) {
    this.#options = options;
    this.#random = random;
    this.#full = this.reasons.codeOf("at work");
  }

  get count(): number {
    return this.#slots.size;
  }

  find(id: string): Slot | undefined {
    return this.#slots.get(id);
  }

  /** Whether it is new, or has other skills than before: then rankings must be made anew. @throws GodelError OPTION_RANGE, and nothing has changed */
  set(profile: AgentProfile): boolean {
    const known = this.#slots.get(profile.id);
    const isOther = known === undefined || this.profiles[known]?.skills !== profile.skills;
    const levels = isOther ? levelsOf(profile) : undefined;
    inRange("capacity", profile.capacity ?? 1, 0, 10_000);
    const slot = known ?? this.#add(profile.id);
    if (levels) this.#relevel(slot, levels);
    this.profiles[slot] = profile;
    this.capacity[slot] = profile.capacity ?? 1;
    this.#state[slot] = this.#stateCode(profile);
    this.#expect(slot, profile);
    this.#settle(slot);
    return isOther;
  }

  remove(slot: Slot): void {
    const profile = this.profiles[slot];
    if (!profile) return;
    this.#relevel(slot, new Map());
    // Whoever held a place of it must not give that back to the next one.
    this.#tenants[slot] = this.tenantOf(slot) + 1;
    this.inFlight.add(this.active[slot] ?? 0, -1);
    this.present.set(slot, false);
    this.#slots.delete(profile.id);
    this.profiles[slot] = undefined;
    this.version[slot] = (this.version[slot] ?? 0) + 1;
    this.active[slot] = 0;
    this.#vacant.push(slot);
  }

  tenantOf(slot: Slot): number {
    return this.#tenants[slot] ?? 0;
  }

  /** One task more, or fewer. Who gets free comes after those that are. */
  load(slot: Slot, step: 1 | -1): void {
    const active = this.active[slot] ?? 0;
    this.inFlight.add(active, -1);
    this.inFlight.add(active + step, 1);
    this.active[slot] = active + step;
    if (step < 0) this.tie[slot] = ++this.#released;
    this.#settle(slot);
  }

  /** Lets outcomes age. Whether any has: then what ranks must be ranked anew. O(agents), 64 times in a half-life. */
  ageTo(at: Millis): boolean {
    const age = Math.floor((at * agingSteps) / this.#options.halfLifeMs);
    if (age === this.#age) return false;
    this.#age = age;
    this.profiles.forEach((profile, slot) => {
      if (profile) this.#expect(slot, profile);
    });
    return true;
  }

  #expect(slot: Slot, { record, taskMs, costUsd }: AgentProfile): void {
    this.version[slot] = (this.version[slot] ?? 0) + 1;
    const at = (this.#age * this.#options.halfLifeMs) / agingSteps;
    const expected = expectedOf(record, Number.isFinite(at) ? at : 0, this.#options.halfLifeMs);
    this.reliability[slot] = clamp(expected.reliability);
    this.speed[slot] = logScale(expected.msPerUnit ?? taskMs, timeScale);
    this.unitUsd[slot] = expected.usdPerUnit ?? costUsd ?? Number.NaN;
  }

  #settle(slot: Slot): void {
    const active = this.active[slot] ?? 0;
    const capacity = this.capacity[slot] ?? 0;
    const state = this.#state[slot] ?? absent;
    this.refusal[slot] = state === fits && active >= capacity ? this.#full : state;
    this.crowd[slot] = this.profiles[slot]?.last ? lastCrowd : Math.min(active, mostCrowded);
    this.room[slot] = 1 - active / capacity;
    this.changes.add(slot);
  }

  #stateCode({ state = "idle", held = "" }: AgentProfile): ReasonCode {
    if (state !== "idle" && state !== "busy") return this.reasons.codeOf(state);
    return held === "" ? fits : this.reasons.codeOf(held);
  }

  #relevel(slot: Slot, levels: ReadonlyMap<string, number>): void {
    for (const skill of this.levels[slot]?.keys() ?? []) this.skilled.get(skill)?.set(slot, false);
    for (const skill of levels.keys()) {
      const bitmap = this.skilled.get(skill) ?? new Bitmap();
      this.skilled.set(skill, bitmap);
      bitmap.set(slot, true);
    }
    this.levels[slot] = levels;
  }

  #add(id: string): Slot {
    const slot = this.#vacant.pop() ?? this.profiles.length;
    if (slot >= this.active.length) this.#grow();
    this.#slots.set(id, slot);
    this.#tenants[slot] = this.tenantOf(slot) + 1;
    this.present.set(slot, true);
    this.active[slot] = 0;
    this.inFlight.add(0, 1);
    // Newcomers, in an order drawn by chance, come after those that were free before them.
    this.tie[slot] = this.#released + this.#random.next();
    return slot;
  }

  #grow(): void {
    const length = this.active.length * 2;
    this.active = copied(this.active, new Int32Array(length));
    this.capacity = copied(this.capacity, new Int32Array(length));
    this.#state = copied(this.#state, new Int32Array(length));
    this.version = copied(this.version, new Int32Array(length));
    this.refusal = copied(this.refusal, new Int32Array(length));
    this.crowd = copied(this.crowd, new Int32Array(length));
    for (const name of ["speed", "reliability", "unitUsd", "tie", "room"] as const) {
      this[name] = copied(this[name], new Float64Array(length));
    }
  }
}
