import type { Millis } from "../lib/clock.ts";
import type { AgentId, AttemptId } from "../model/records.ts";
import { Dice } from "./dice.ts";

/** A process that agents live in, as far as its health goes. */
export interface VitalHost {
  readonly pid: number;
  readonly alive: boolean;
  /** Whether it gives a sign of life when it is asked. */
  readonly answers: boolean;
}

/** How many signs of an agent are kept. */
const kept = 32;
/** Share of agents that are three times slower than the others. */
const slowShare = 0.1;
export const slowTimes = 3;

/** How the hosts and agents of the world really do, whatever the node and the engine make of it. */
export class Vitals {
  readonly #seed: number;
  readonly #now: () => Millis;
  readonly #hung = new Set<VitalHost>();
  readonly #signs = new Map<AgentId, Millis[]>();
  readonly #silent = new Map<AttemptId, Millis>();
  readonly #loops = new Map<AttemptId, Millis>();

  constructor(seed: number, now: () => Millis) {
    this.#seed = seed;
    this.#now = now;
  }

  isSlow(agent: AgentId): boolean {
    return new Dice(this.#seed, `pace of ${agent}`).chance(slowShare);
  }

  hangs(host: VitalHost): void {
    this.#hung.add(host);
  }

  /** It is told of something that `agent` does. */
  acts(agent: AgentId): void {
    const signs = this.#signs.get(agent) ?? [];
    signs.push(this.#now());
    this.#signs.set(agent, signs.slice(-kept));
  }

  /** From now on nothing comes of it, until it is ended. */
  fallsSilent(attempt: AttemptId): void {
    this.#silent.set(attempt, this.#now());
  }

  /** From now on it does the same again and again. */
  loops(attempt: AttemptId): void {
    this.#loops.set(attempt, this.#now());
  }

  /** It has settled, or its host died. */
  settled(attempt: AttemptId): void {
    this.#silent.delete(attempt);
    this.#loops.delete(attempt);
  }

  get hungHosts(): VitalHost[] {
    return [...this.#hung].filter((host) => host.alive && !host.answers);
  }

  get silent(): ReadonlyMap<AttemptId, Millis> {
    return this.#silent;
  }

  get looping(): ReadonlyMap<AttemptId, Millis> {
    return this.#loops;
  }

  /** The longest time since `from` in which it gave no sign, in ms. */
  longestSilence(agent: AgentId, from: Millis): Millis {
    const signs = [from, ...(this.#signs.get(agent) ?? []).filter((at) => at > from), this.#now()];
    return Math.max(0, ...signs.slice(1).map((at, i) => at - (signs[i] ?? at)));
  }
}
