import type { AgentId } from "../model/records.ts";
import { addUsage, noUsage, type Usage } from "../model/usage.ts";
import { failed, type RuntimeAgent, type Settled, type Work } from "../runtimes/index.ts";
import type { Host } from "./host.ts";

/** An agent that lives in a host, as its runtime would present it. When the host dies, its prompt settles `host-lost`. */
export class HostedAgent implements RuntimeAgent {
  readonly id: AgentId;
  readonly hostPid: number;
  /** Its current session, as far as the node has heard. */
  sessionId: string;
  private readonly host: Host;
  private readonly onStopped: () => void;
  private used: Usage = noUsage;
  private stopping: Promise<void> | undefined;

  constructor(options: { id: AgentId; sessionId: string; host: Host; onStopped: () => void }) {
    this.id = options.id;
    this.sessionId = options.sessionId;
    this.host = options.host;
    this.hostPid = options.host.pid;
    this.onStopped = options.onStopped;
  }

  /** Whether it was told to stop, so that its end is no loss. */
  get isStopping(): boolean {
    return this.stopping !== undefined;
  }

  async prompt(work: Work): Promise<Settled> {
    if (this.stopping) return failed("cancelled", "the agent has stopped");
    const settled = (await this.host.call(this.id, { op: "prompt", work })) as Settled | undefined;
    if (!settled) return failed("host-lost", this.host.exitReason ?? "its host is gone");
    this.used = addUsage(this.used, settled.usage);
    return settled;
  }

  async steer(text: string): Promise<boolean> {
    return (await this.host.call(this.id, { op: "steer", text })) === true;
  }

  async abort(): Promise<void> {
    await this.host.call(this.id, { op: "abort" });
  }

  async pause(): Promise<void> {
    await this.host.call(this.id, { op: "pause" });
  }

  async resume(): Promise<void> {
    await this.host.call(this.id, { op: "resume" });
  }

  async watch(): Promise<void> {
    await this.host.call(this.id, { op: "watch" });
  }

  stop(): Promise<void> {
    this.stopping ??= this.host.call(this.id, { op: "stop" }).then(this.onStopped);
    return this.stopping;
  }

  usage(): Usage {
    return this.used;
  }
}
