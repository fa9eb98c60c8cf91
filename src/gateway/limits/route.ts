/**
 * Where a request for one model may go: the accounts that sell it, then the same model elsewhere, then others of its tier.
 * A later step is used only while every endpoint before it is out: its breaker open, or parked for long.
 */

import { PeakEwmaStrategy } from "../../federation/strategies/peak-ewma.ts";
import { none, Pool } from "../../federation/strategies/pool.ts";
import type { Millis } from "../../lib/clock.ts";
import type { Random } from "../../lib/random.ts";
import type { Endpoint } from "./endpoint.ts";
import type { Need } from "./limit.ts";

/** Why nothing may be sent now, and when that may change; infinite: at the end of another request. */
export interface Wait {
  until: Millis;
  why: string;
  /** All that could answer is out: only time helps, or a person who names another model. */
  isOut: boolean;
}

/** Equal endpoints: the one with less expected wait among two drawn by chance, of those that have room. */
class Step<Target> {
  private readonly endpoints: readonly Endpoint<Target>[];
  private readonly pool = new Pool();
  private readonly strategy = new PeakEwmaStrategy();
  private readonly random: Random;

  constructor(endpoints: readonly Endpoint<Target>[], random: Random) {
    this.endpoints = endpoints;
    this.random = random;
    this.strategy.attach(this.pool);
    for (const { name } of endpoints) this.pool.add(name, 2 ** 30, {});
  }

  get size(): number {
    return this.endpoints.length;
  }

  pick(at: Millis, need: Need): Endpoint<Target> | undefined {
    const [only] = this.endpoints;
    if (this.endpoints.length === 1) return only && only.readyAt(at, need) <= at ? only : undefined;
    this.endpoints.forEach((endpoint, slot) => {
      this.pool.usable[slot] = Number(endpoint.readyAt(at, need) <= at);
      this.strategy.changed(slot);
    });
    const slot = this.strategy.pick({ session: undefined, at, random: this.random });
    return slot === none ? undefined : this.endpoints[slot];
  }

  isOut(at: Millis, patienceMs: Millis): boolean {
    return this.endpoints.every((endpoint) => endpoint.isOut(at, patienceMs));
  }

  waits(at: Millis, need: Need): Omit<Wait, "isOut">[] {
    return this.endpoints.map((endpoint) => ({ until: endpoint.readyAt(at, need), why: endpoint.why(at, need) }));
  }

  started(endpoint: Endpoint<Target>): void {
    const slot = this.endpoints.indexOf(endpoint);
    if (slot >= 0) this.pool.reserve(slot);
  }

  ended(endpoint: Endpoint<Target>, at: Millis, sample: { latencyMs: Millis; failed: boolean } | null): void {
    const slot = this.endpoints.indexOf(endpoint);
    if (slot < 0) return;
    this.pool.release(slot);
    if (sample) this.strategy.observe(slot, sample, at);
  }
}

/** What a model takes on average, learnt from what it took, to count a request before it is over. */
interface Habits {
  inputPerByte: number;
  output: number;
}

export interface Patience {
  /** How long a provider may be parked, in ms, before the next step is taken. */
  patienceMs: Millis;
  /** How long a request waits, in ms, with all steps out, before a person is asked. */
  askAfterMs: Millis;
}

export class Route<Target> {
  readonly id: string;
  private readonly steps: readonly Step<Target>[];
  readonly patience: Patience;
  private readonly habits: Habits = { inputPerByte: 0.25, output: 500 };

  constructor(id: string, steps: readonly (readonly Endpoint<Target>[])[], patience: Patience, random: Random) {
    this.id = id;
    this.steps = steps.map((endpoints) => new Step(endpoints, random));
    this.patience = patience;
  }

  /** Whether there is more than one endpoint. */
  get hasOthers(): boolean {
    return this.steps.length > 1 || this.steps.some(({ size }) => size > 1);
  }

  /** An endpoint with room, or what is to be waited for. */
  find(at: Millis, need: Need): Endpoint<Target> | Wait {
    const waits: Omit<Wait, "isOut">[] = [];
    let isOut = true;
    for (const step of this.steps) {
      const found = step.pick(at, need);
      if (found) return found;
      waits.push(...step.waits(at, need));
      isOut = step.isOut(at, this.patience.patienceMs);
      if (!isOut) break;
    }
    return { ...waits.reduce((first, wait) => (wait.until < first.until ? wait : first)), isOut };
  }

  /** Call at the start of a request, and `ended` at its end. */
  started(endpoint: Endpoint<Target>): void {
    endpoint.inFlight += 1;
    for (const step of this.steps) step.started(endpoint);
  }

  /** `sample`: null where it says nothing of the endpoint. */
  ended(endpoint: Endpoint<Target>, at: Millis, sample: { latencyMs: Millis; failed: boolean } | null): void {
    endpoint.ended(sample?.latencyMs ?? null);
    for (const step of this.steps) step.ended(endpoint, at, sample);
  }

  need(bytes: number): Need {
    const inputTokens = Math.ceil(bytes * this.habits.inputPerByte);
    const outputTokens = Math.ceil(this.habits.output);
    return { requests: 1, tokens: inputTokens + outputTokens, inputTokens, outputTokens };
  }

  learn(bytes: number, { inputTokens, outputTokens }: { inputTokens: number; outputTokens: number }): void {
    const share = 0.2;
    this.habits.inputPerByte += share * (inputTokens / Math.max(1, bytes) - this.habits.inputPerByte);
    this.habits.output += share * (outputTokens - this.habits.output);
  }
}
