import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Clock, Millis } from "../lib/clock.ts";
import { GodelError } from "../lib/errors.ts";
import { killMarked } from "../lib/process-tree.ts";
import { shortId, systemRandom } from "../lib/random.ts";
import type { AgentId, RuntimeName } from "../model/records.ts";
import { type AgentSpec, type RuntimeEvent, scrubbedEnv } from "../runtimes/index.ts";
import type { Call, FromHost, ToHost } from "./host-protocol.ts";

export interface HostOptions {
  runtime: RuntimeName;
  /** Folder for compiled code, shared by all hosts: the second one then loads in a third less time. */
  cacheDir: string;
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

/** In the environment of a host and all that it starts: which host. */
const hostMark = "GODEL_HOST";

const main = fileURLToPath(new URL("./host-main.ts", import.meta.url));

/** How much of a host's stderr is kept to explain its end, in characters. */
const stderrTail = 2_000;

/** The node's side of one agent host: forks it, speaks its protocol, and settles what waits when it dies. */
export class Host {
  readonly runtime: RuntimeName;
  /** Ids of the agents that it holds or is starting. */
  readonly agents = new Set<AgentId>();
  /** Prompts that it has taken since it started. */
  prompts = 0;
  /** Prompts that it works on. */
  busy = 0;
  /** It was asked to end, so its end is no loss. */
  closing = false;
  /** Why it ended, once it has. */
  exitReason: string | undefined;
  private readonly mark = shortId(systemRandom, "h", 12);
  private readonly options: HostOptions;
  private child: ChildProcess | undefined;
  private readonly unsent: ToHost[] = [];
  private readonly waiting = new Map<number, (value: unknown) => void>();
  private readonly starting = new Map<AgentId, PromiseWithResolvers<string>>();
  private readonly loaded = Promise.withResolvers<void>();
  private next = 1;
  private stderr = "";
  private rssBytes = 0;
  private lagMs: Millis = 0;
  private pingedAt: Millis | undefined;

  constructor(options: HostOptions) {
    this.options = options;
    this.runtime = options.runtime;
  }

  /** 0 until it is launched, and where the machine refused to. */
  get pid(): number {
    return this.child?.pid ?? 0;
  }

  /** Whether it can take agents. */
  get isOpen(): boolean {
    return !this.closing && this.exitReason === undefined;
  }

  get stats(): HostStats {
    return {
      pid: this.pid,
      agents: this.agents.size,
      rssBytes: this.rssBytes,
      lagMs: Math.max(this.lagMs, this.silentMs),
    };
  }

  /** How long a ping has gone unanswered, in ms. */
  get silentMs(): Millis {
    return this.pingedAt === undefined ? 0 : this.options.clock.monotonic() - this.pingedAt;
  }

  /** Starts the process; what was asked of it before is sent now. Resolves when it is loaded or gone. */
  launch(): Promise<void> {
    if (this.closing) void this.ended("was not needed");
    else this.listen(this.fork());
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
    this.send({ type: "start", agents: specs });
    return sessions;
  }

  /** The agent's answer, or undefined when the host died before it came. */
  async call(agent: AgentId, call: Call): Promise<unknown> {
    if (this.exitReason !== undefined) return undefined;
    if (call.op === "prompt") this.prompting();
    const { promise, resolve } = Promise.withResolvers<unknown>();
    const number = this.next++;
    this.waiting.set(number, resolve);
    this.send({ type: "call", number, agent, call });
    const value = await promise;
    if (call.op === "prompt") this.busy -= 1;
    return value;
  }

  /** Asks for a sign of life, unless the last one is still due. */
  ping(): void {
    if (this.pingedAt !== undefined) return;
    this.pingedAt = this.options.clock.monotonic();
    this.send({ type: "ping" });
  }

  /** Asks it to stop its agents and exit. */
  close(): void {
    this.closing = true;
    this.send({ type: "close" });
  }

  private fork(): ChildProcess {
    return fork(main, [this.runtime], {
      env: { ...scrubbedEnv(process.env), NODE_COMPILE_CACHE: this.options.cacheDir, [hostMark]: this.mark },
      execArgv: [],
      serialization: "json",
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
  }

  private listen(child: ChildProcess): void {
    this.child = child;
    child.stderr?.on("data", (chunk) => {
      this.stderr = (this.stderr + chunk).slice(-stderrTail);
    });
    child.on("message", (message: FromHost) => this.hear(message));
    child.once("error", (error) => void this.ended(`could not start: ${error.message}`));
    child.once("close", (code, signal) => {
      void this.ended(signal ? `was killed by ${signal}` : `exited with ${code}`);
    });
    for (const message of this.unsent.splice(0)) this.send(message);
  }

  private prompting(): void {
    this.prompts += 1;
    this.busy += 1;
    if (this.busy === 1) this.options.onBusy();
  }

  private send(message: ToHost): void {
    if (!this.child) this.unsent.push(message);
    // A channel that has closed is followed by `close`, which settles everything that waits.
    else if (this.child.connected) this.child.send(message, () => {});
  }

  private hear(message: FromHost): void {
    switch (message.type) {
      case "loaded":
        this.rssBytes = message.rssBytes;
        return this.loaded.resolve();
      case "started":
        this.rssBytes = message.rssBytes;
        for (const { agent, sessionId } of message.ready) this.settleStart(agent)?.resolve(sessionId);
        for (const { agent, message: text } of message.failed) {
          this.agents.delete(agent);
          this.settleStart(agent)?.reject(new GodelError("RUNTIME_FAILED", text));
        }
        return;
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

  private settleStart(agent: AgentId): PromiseWithResolvers<string> | undefined {
    const session = this.starting.get(agent);
    this.starting.delete(agent);
    return session;
  }

  private async ended(how: string): Promise<void> {
    if (this.exitReason !== undefined) return;
    const said = this.stderr.trim();
    const reason = `agent host ${this.pid} ${how}${said === "" ? "" : `: ${said}`}`;
    this.exitReason = reason;
    // Its commands live in sessions of their own. They end before anybody hears that their agents are lost.
    await killMarked(`${hostMark}=${this.mark}`, { graceMs: 0 });
    this.loaded.resolve();
    for (const resolve of this.waiting.values()) resolve(undefined);
    for (const session of this.starting.values()) session.reject(new GodelError("RUNTIME_FAILED", reason));
    this.options.onExit(reason);
  }
}
