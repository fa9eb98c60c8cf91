import type { Clock, Millis } from "../lib/clock.ts";
import { GodelError } from "../lib/errors.ts";
import type { AgentId, RuntimeName } from "../model/records.ts";
import type { AgentSpec, RuntimeEvent } from "../runtimes/index.ts";
import { HostProcess } from "./host-process.ts";
import type { Call, FromHost } from "./host-protocol.ts";

export interface HostOptions {
  runtime: RuntimeName;
  /** Folder for compiled code, shared by all hosts. */
  cacheDir: string;
  /** Added to its environment. */
  env: Record<string, string>;
  clock: Clock;
  onEvent(agent: AgentId, event: RuntimeEvent): void;
  /** Its first prompt after a time without any. */
  onBusy(): void;
  /** Called once, when the process and all that it started are gone; `reason` says how. */
  onExit(reason: string): void;
}

export interface HostStats {
  pid: number;
  agents: number;
  /** As of its last answer. */
  rssBytes: number;
  /** How long it takes to answer, in ms, because its event loop is that late; grows while it is silent. */
  lagMs: Millis;
}

/** The node's side of one agent host: speaks its protocol, and settles what waits when it dies. */
export class Host {
  readonly runtime: RuntimeName;
  /** Ids of the agents that it holds or is starting. */
  readonly agents = new Set<AgentId>();
  /** Prompts that it has taken since it started. */
  prompts = 0;
  /** Prompts that it works on. */
  busy = 0;
  /** It has loaded, and so can answer. */
  isUp = false;
  /** It was asked to end, so its end is no loss. */
  closing = false;
  /** It holds one agent and takes no other. */
  isOfOne = false;
  /** Why it ended, once it has. */
  exitReason: string | undefined;
  private readonly options: HostOptions;
  private readonly process: HostProcess;
  private readonly waiting = new Map<number, (value: unknown) => void>();
  private readonly starting = new Map<AgentId, PromiseWithResolvers<string>>();
  private readonly loaded = Promise.withResolvers<void>();
  private next = 1;
  private rssBytes = 0;
  private lagMs: Millis = 0;
  private pingedAt: Millis | undefined;
  /** When it last said anything; undefined before it did. */
  heardAt: Millis | undefined;

  constructor(options: HostOptions) {
    this.options = options;
    this.runtime = options.runtime;
    this.process = new HostProcess({
      runtime: options.runtime,
      cacheDir: options.cacheDir,
      env: options.env,
      onMessage: (message) => this.hear(message),
      onExit: (reason, swept) => void this.ended(reason, swept),
    });
  }

  /** 0 until it is launched. */
  get pid(): number {
    return this.process.pid;
  }

  /** Whether it can take agents. */
  get isOpen(): boolean {
    return !this.closing && this.exitReason === undefined;
  }

  get stats(): HostStats {
    const lagMs = Math.max(this.lagMs, this.silentMs);
    return { pid: this.pid, agents: this.agents.size, rssBytes: this.rssBytes, lagMs };
  }

  /** How long a ping has gone unanswered, in ms. */
  get silentMs(): Millis {
    return this.pingedAt === undefined ? 0 : this.options.clock.monotonic() - this.pingedAt;
  }

  /** Starts the process; what was asked of it before is sent now. Resolves when it is loaded or gone. */
  launch(): Promise<void> {
    if (this.closing) this.process.discard();
    else this.process.start();
    return this.loaded.promise;
  }

  /** Starts agents with one message. Each answer is the agent's session. @throws GodelError RUNTIME_FAILED */
  start(specs: AgentSpec[]): Promise<string>[] {
    const sessions = specs.map((spec) => {
      const session = Promise.withResolvers<string>();
      this.agents.add(spec.id);
      this.starting.set(spec.id, session);
      return session.promise;
    });
    this.process.send({ type: "start", agents: specs });
    return sessions;
  }

  /** The agent's answer, or undefined when the host died before it came. */
  async call(agent: AgentId, call: Call): Promise<unknown> {
    if (this.exitReason !== undefined) return undefined;
    if (call.op === "prompt") this.prompting();
    const { promise, resolve } = Promise.withResolvers<unknown>();
    const number = this.next++;
    this.waiting.set(number, resolve);
    this.process.send({ type: "call", number, agent, call });
    const value = await promise;
    if (call.op === "prompt") this.busy -= 1;
    return value;
  }

  /** Asks for a sign of life, unless the last one is still due. */
  ping(): void {
    if (this.pingedAt !== undefined) return;
    this.pingedAt = this.options.clock.monotonic();
    this.process.send({ type: "ping" });
  }

  /** Asks it to stop its agents and exit. */
  close(): void {
    this.closing = true;
    this.process.send({ type: "close" });
  }

  kill(why: string): void {
    this.process.kill(why);
  }

  private prompting(): void {
    this.prompts += 1;
    this.busy += 1;
    if (this.busy === 1) this.options.onBusy();
  }

  private hear(message: FromHost): void {
    this.heardAt = this.options.clock.monotonic();
    switch (message.type) {
      case "loaded":
        this.rssBytes = message.rssBytes;
        this.isUp = true;
        return this.loaded.resolve();
      case "started":
        this.rssBytes = message.rssBytes;
        return this.hearStarted(message);
      case "reply":
        this.waiting.get(message.number)?.(message.value);
        return void this.waiting.delete(message.number);
      case "pong":
        this.rssBytes = message.rssBytes;
        this.lagMs = this.silentMs;
        this.pingedAt = undefined;
        return;
      case "event":
        return this.options.onEvent(message.agent, message.event);
    }
  }

  private hearStarted({ ready, failed }: Extract<FromHost, { type: "started" }>): void {
    for (const { agent, sessionId } of ready) this.starting.get(agent)?.resolve(sessionId);
    for (const { agent, message } of failed) {
      this.agents.delete(agent);
      this.starting.get(agent)?.reject(new GodelError("RUNTIME_FAILED", message));
    }
    for (const { agent } of [...ready, ...failed]) this.starting.delete(agent);
  }

  /** Nobody hears that agents are lost before the last of their commands is gone. */
  private async ended(reason: string, swept: Promise<void>): Promise<void> {
    this.exitReason = reason;
    await swept;
    this.loaded.resolve();
    for (const resolve of this.waiting.values()) resolve(undefined);
    for (const session of this.starting.values()) session.reject(new GodelError("RUNTIME_FAILED", reason));
    this.options.onExit(reason);
  }
}
