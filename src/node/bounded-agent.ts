import type { Clock, Millis } from "../lib/clock.ts";
import type { Usage } from "../model/usage.ts";
import type { RuntimeAgent, Settled, Work } from "../runtimes/index.ts";
import type { PooledAgent } from "./ports.ts";

export interface Bounds {
  clock: Clock;
  /** How long an agent may take to stop, or to settle once it was told to, in ms. */
  withinMs: Millis;
  /** Ends the process that the agent lives in, with all that it started. */
  endHost(pid: number, why: string): void;
}

/** How long an agent may take to stop where the engine does not say, in ms. */
export const stopWithinMs: Millis = 30_000;

/**
 * An agent whose `abort` and `stop` end within a time, whatever its runtime does: then its host is ended by force, as one
 * that hangs is, and what the agent was asked is answered by that.
 */
export class BoundedAgent implements RuntimeAgent {
  readonly #agent: PooledAgent;
  readonly #bounds: Bounds;
  #prompt: Promise<unknown> = Promise.resolve();
  #stopping: Promise<void> | undefined;

  constructor(agent: PooledAgent, bounds: Bounds) {
    this.#agent = agent;
    this.#bounds = bounds;
  }

  get sessionId(): string {
    return this.#agent.sessionId;
  }

  get hostPid(): number {
    return this.#agent.hostPid;
  }

  prompt(work: Work): Promise<Settled> {
    const settled = this.#agent.prompt(work);
    this.#prompt = settled;
    return settled;
  }

  steer(text: string): Promise<boolean> {
    return this.#agent.steer(text);
  }

  /** Resolves when its prompt has settled too. */
  abort(): Promise<void> {
    return this.#within(Promise.all([this.#agent.abort(), this.#prompt]));
  }

  pause(): Promise<void> {
    return this.#agent.pause();
  }

  resume(): Promise<void> {
    return this.#agent.resume();
  }

  watch(): Promise<void> {
    return this.#agent.watch();
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#within(Promise.all([this.#agent.stop(), this.#prompt]));
    return this.#stopping;
  }

  usage(): Usage {
    return this.#agent.usage();
  }

  async #within(end: Promise<unknown>): Promise<void> {
    const { clock, withinMs, endHost } = this.#bounds;
    const why = `an agent of it did not stop within ${withinMs / 1_000} s`;
    const disarm = afterAwake(clock, withinMs, () => endHost(this.hostPid, why));
    try {
      await end;
    } finally {
      disarm();
    }
  }
}

/** Runs `task` in `delay` ms of which this process was awake for half at least: one that slept hears first what was said. */
export function afterAwake(clock: Clock, delay: Millis, task: () => void): () => void {
  let disarm = clock.after(delay / 2, () => {
    disarm = clock.after(delay / 2, task);
  });
  return () => disarm();
}
