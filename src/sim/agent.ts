import { assert } from "../lib/assert.ts";
import { sleep } from "../lib/clock.ts";
import type { AgentId, AttemptId } from "../model/records.ts";
import type { Sign } from "../model/signs.ts";
import { noUsage, type Usage } from "../model/usage.ts";
import type { PooledAgent } from "../node/ports.ts";
import { failed, type RuntimeEvent, type Settled, type Work } from "../runtimes/index.ts";
import type { AgentHost } from "./host-world.ts";
import { type Deed, deedOf, type Script } from "./script.ts";
import type { SimSession } from "./sessions.ts";
import { slowTimes } from "./vitals.ts";

/** A simulated coding agent: it asks the model, writes files, and says that it is done, which may be a lie. */
export class SimAgent implements PooledAgent {
  readonly id: AgentId;
  readonly sessionId: string;
  readonly #host: AgentHost;
  #prompt: { stop: AbortController; settled: Promise<Settled> } | null = null;
  #paused = Promise.withResolvers<void>();
  #isPaused = false;
  #stopped: Promise<void> | null = null;

  constructor(id: AgentId, host: AgentHost) {
    this.id = id;
    this.sessionId = `s-${id}`;
    this.#host = host;
  }

  get hostPid(): number {
    return this.#host.pid;
  }

  get isBusy(): boolean {
    return this.#prompt !== null;
  }

  get isStopping(): boolean {
    return this.#stopped !== null;
  }

  async prompt(work: Work): Promise<Settled> {
    if (this.#stopped) return failed("cancelled", "the agent has stopped");
    assert(this.#prompt === null, `agent ${this.id} is given ${work.attempt} while it works on another attempt`);
    this.#host.world.onPrompt(this.id, work.attempt);
    const stop = new AbortController();
    const settled = this.#host.orLost(this.#work(work, stop.signal), () => failed("host-lost", "its host is gone"));
    this.#prompt = { stop, settled };
    const end = await settled;
    this.#host.world.vitals.settled(work.attempt);
    this.#prompt = null;
    return end;
  }

  async steer(): Promise<boolean> {
    return this.#prompt !== null;
  }

  abort(): Promise<void> {
    return this.#call(() => this.#prompt?.stop.abort());
  }

  pause(): Promise<void> {
    return this.#call(() => {
      this.#isPaused = true;
    });
  }

  resume(): Promise<void> {
    return this.#call(() => {
      this.#isPaused = false;
      this.#paused.resolve();
      this.#paused = Promise.withResolvers();
    });
  }

  async watch(): Promise<void> {}

  stop(): Promise<void> {
    this.#stopped ??= this.#call(async () => {
      this.#prompt?.stop.abort();
      await this.#prompt?.settled;
    }).then(() => this.#host.forget(this.id));
    return this.#stopped;
  }

  usage(): Usage {
    return noUsage;
  }

  /** What is asked of a host arrives a moment later; of one that hangs, when it dies. */
  #call(effect: () => unknown): Promise<void> {
    const { process, dice } = this.#host.world;
    this.#host.world.touch();
    const done = async () => {
      await sleep(process, dice.between(1, 20));
      await this.#host.responsive();
      await effect();
    };
    return this.#host.orLost(done(), () => {});
  }

  async #work(work: Work, signal: AbortSignal): Promise<Settled> {
    const { world } = this.#host;
    const { attempt } = work;
    const session = this.#open(work);
    const deed = deedOf(world.seed, session.of, !world.trouble.agentsMayFail);
    await sleep(world.process, 10, signal);
    const sessionId = `s-${session.of.attempt}`;
    this.#host.hear(this.id, { type: "session", attempt, sessionId, transcript: `${attempt}.jsonl` });
    for (const step of deed.steps.slice(session.turns)) {
      const end = await this.#step(work, step, signal);
      if (end) return end;
      session.turns++;
      if (step.path !== null) session.written.add(step.path);
    }
    const settled = await this.#finish(attempt, deed, signal);
    if (settled.ok && this.#host.alive) session.finished = true;
    return settled;
  }

  #open({ attempt, prompt, session, transcriptDir }: Work): SimSession {
    const { world } = this.#host;
    const tree = new Set(world.git.trees.get(attempt)?.changes.keys());
    const isBusy = () => world.process.alive && this.#host.alive && this.#prompt !== null;
    const goesOn = session !== undefined;
    return world.sessions.open({ dir: transcriptDir, of: { attempt, prompt }, goesOn, tree, isBusy });
  }

  /** One turn: ask the model, then do what it said. What ended the prompt, if it did. */
  async #step(work: Work, step: Script, signal: AbortSignal): Promise<Settled | null> {
    const { world } = this.#host;
    await this.#host.responsive();
    while (this.#isPaused && !signal.aborted) await Promise.race([this.#paused.promise, aborted(signal)]);
    if (signal.aborted) return cancelled();
    if (work.modelUrl !== null) {
      const answer = await world.models.request(work.attempt, () => this.#host.alive && !signal.aborted);
      if (signal.aborted) return cancelled();
      if (answer === "budget") return failed("budget", "the budget is spent");
      if (answer !== "answered") return failed("provider", "the model did not answer");
      this.#answered(work.attempt);
    }
    if (!step.quiet) this.#says(work.attempt, { what: "tool-started" });
    await sleep(world.process, step.toolMs, signal);
    await this.#host.responsive();
    if (!this.#host.alive) return cancelled();
    const action = `${work.attempt} ${step.toolMs}`;
    if (!step.quiet) this.#says(work.attempt, { what: "tool-ended", action, outcome: action, failed: false });
    if (step.path !== null) world.git.write(work.attempt, step.path, work.attempt);
    const activity: RuntimeEvent = { type: "activity", attempt: work.attempt, text: `writes ${step.path}` };
    this.#host.hear(this.id, activity);
    world.vitals.acts(this.id);
    return signal.aborted ? cancelled() : null;
  }

  #says(attempt: AttemptId, sign: Sign): void {
    this.#host.hear(this.id, { type: "sign", attempt, sign });
    this.#host.world.vitals.acts(this.id);
  }

  /** Answers differ by a few parts in a hundred, but for those of the slow. */
  #answered(attempt: AttemptId): void {
    const { dice, vitals } = this.#host.world;
    const seconds = dice.between(9, 11) * (vitals.isSlow(this.id) ? slowTimes : 1);
    this.#says(attempt, { what: "answered", seconds, tokens: 500, totalTokens: 1_000, costUsd: 0.01 });
  }

  /** The same call with the same outcome, every two seconds. */
  async #loop(attempt: AttemptId, signal: AbortSignal): Promise<void> {
    const { process, vitals } = this.#host.world;
    for (let times = 1; !signal.aborted && this.#host.alive; times++) {
      await sleep(process, 2_000, signal);
      await this.#host.responsive();
      while (this.#isPaused && !signal.aborted) await Promise.race([this.#paused.promise, aborted(signal)]);
      this.#says(attempt, { what: "tool-ended", action: "again", outcome: "same", failed: false });
      if (times === 4) vitals.loops(attempt);
    }
  }

  async #finish(attempt: AttemptId, { end }: Deed, signal: AbortSignal): Promise<Settled> {
    const { vitals } = this.#host.world;
    if (end === "loops") await this.#loop(attempt, signal);
    if (end === "hangs" || end === "deaf") vitals.fallsSilent(attempt);
    if (end === "hangs") await aborted(signal);
    if (end === "deaf") return new Promise(() => {});
    if (end === "hangs-host") {
      this.#host.hang();
      await this.#host.responsive();
    }
    if (end === "kills-host" && this.#host.alive) {
      this.#host.world.onKill(attempt, this.#host.agents.size);
      this.#host.die("was killed by SIGSEGV");
      // A dead host says nothing more, least of all that it is done.
      return new Promise(() => {});
    }
    if (signal.aborted) return cancelled();
    if (end === "fails") return failed("agent-error", "the agent gave up");
    return { ok: true, summary: "done", usage: noUsage };
  }
}

function cancelled(): Settled {
  return failed("cancelled", "the agent was told to stop");
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
