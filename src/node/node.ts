import { availableParallelism } from "node:os";
import { Gateway } from "../gateway/index.ts";
import { unreachable } from "../lib/assert.ts";
import type { Clock, Millis } from "../lib/clock.ts";
import { codeOf, messageOf } from "../lib/errors.ts";
import { killMarked } from "../lib/process-tree.ts";
import { type Home, piDirOf, workMark } from "../model/home.ts";
import { type FromNode, linkVersion, type Report, type ToNode } from "../model/link.ts";
import type { AgentId, NodeId } from "../model/records.ts";
import type { RuntimeEvent } from "../runtimes/index.ts";
import { Workspaces } from "../workspace/index.ts";
import { answer } from "./answers.ts";
import { Attempts } from "./attempts.ts";
import { Fleet } from "./fleet.ts";
import { Heartbeat } from "./heartbeat.ts";
import { HostPool } from "./host-pool.ts";
import { Link } from "./link.ts";
import { Merges } from "./merges.ts";
import { Orders } from "./orders.ts";
import { Outbox } from "./outbox.ts";
import { Spending } from "./spending.ts";

export interface NodeOptions {
  id: NodeId;
  home: Home;
  env: NodeJS.ProcessEnv;
  clock: Clock;
  /** How long a node without an engine keeps its agents, in ms. Default an hour; nobody else can take their work. */
  orphanAfterMs: Millis;
  /** The same for a node that has none, in ms. Default a minute. */
  idleOrphanAfterMs: Millis;
  /** The node has left: all is kept, no process of it runs. */
  onLeft(): void;
}

export const nodeDefaults = { orphanAfterMs: 60 * 60_000, idleOrphanAfterMs: 60_000 };

/** One machine's part of the fleet: its agents, their worktrees and gates, and the way to the models. */
export class Node {
  readonly #options: NodeOptions;
  readonly #gateway: Gateway;
  readonly #workspaces: Workspaces;
  readonly #outbox: Outbox;
  readonly #link: Link;
  readonly #pool: HostPool;
  readonly #fleet: Fleet;
  readonly #attempts: Attempts;
  readonly #merges: Merges;
  readonly #orders: Orders;
  readonly #heartbeat: Heartbeat;
  #cancelOrphan = () => {};
  #leaving = false;

  static async open(options: NodeOptions): Promise<Node> {
    const { env, clock } = options;
    let node: Node | undefined;
    const gateway = await Gateway.open({
      piDir: piDirOf(env),
      env,
      clock,
      onUsage: (attempt, _team, usage) => node?.spending.note(attempt, usage),
    });
    node = new Node(options, gateway);
    // An earlier node may have died with commands running and worktrees open.
    await killMarked(`${workMark}=${options.home.dir}`);
    await node.#salvage();
    node.#link.start();
    node.#expectEngine();
    // Loads while the engine is still being greeted: the first team finds a host that is up.
    void node.#pool.prewarm();
    return node;
  }

  readonly spending: Spending;

  private constructor(options: NodeOptions, gateway: Gateway) {
    const { home, clock } = options;
    this.#options = options;
    this.#gateway = gateway;
    this.#workspaces = new Workspaces({ root: home.worktrees, clock });
    this.#outbox = new Outbox(home.outbox);
    const report = (report: Report) => this.#report(report);
    this.spending = new Spending(clock, report);
    this.#pool = new HostPool(
      {
        onEvent: (agent, event) => this.#hear(agent, event),
        onAgentLost: (agent, reason) => this.#fleet.lost(agent, reason),
        onHostHung: (pid, silentMs) => this.#endHung(pid, silentMs),
      },
      { cacheDir: home.cache, env: { [workMark]: home.dir } },
    );
    this.#fleet = new Fleet({ pool: this.#pool, gateway, agentsDir: home.agents, report });
    this.#attempts = new Attempts({
      fleet: this.#fleet,
      gateway,
      workspaces: this.#workspaces,
      spending: this.spending,
      clock,
      logsDir: home.attempts,
      homeDir: home.dir,
      report,
    });
    this.#merges = new Merges(this.#workspaces, clock, report);
    this.#orders = new Orders({
      fleet: this.#fleet,
      attempts: this.#attempts,
      merges: this.#merges,
      outbox: this.#outbox,
      gateway,
      workspaces: this.#workspaces,
    });
    this.#heartbeat = new Heartbeat({
      clock,
      hosts: () => this.#pool.hostStats().length,
      send: (frame) => this.#link.send(frame),
    });
    this.#link = new Link(
      home.engineFile,
      {
        hello: () => this.#hello(),
        onWelcome: (frame) => this.#welcomed(frame),
        onFrame: (frame) => this.#obey(frame),
        onDown: () => this.#expectEngine(),
      },
      clock,
    );
  }

  /** Stops every agent, keeps all work, and lets everything go. */
  async leave(): Promise<void> {
    if (this.#leaving) return;
    this.#leaving = true;
    this.#heartbeat.stop();
    this.#cancelOrphan();
    await Promise.all([this.#attempts.cancelAll(), this.#merges.finish()]);
    await this.#pool.close();
    await this.#gateway.close();
    await killMarked(`${workMark}=${this.#options.home.dir}`);
    await this.#salvage();
    await this.#workspaces.close();
    this.#link.close();
    this.#outbox.close();
    this.#options.onLeft();
  }

  /** Its agents are lost with it, which is better than a team that waits for them for ever. */
  #endHung(pid: number, silentMs: Millis): void {
    console.error(`host ${pid} was silent for ${silentMs} ms, and is ended`);
    this.#pool.kill(pid);
  }

  /** Keeps the work in worktrees that nobody works in any more, and removes them. */
  async #salvage(): Promise<void> {
    const { kept } = await this.#workspaces.salvage(new Set());
    for (const dir of kept) console.error(`the work in ${dir} could not be saved; it is left as it is`);
  }

  #hello(): Extract<FromNode, { type: "hello" }> {
    const attempts = new Set([...this.#attempts.ids, ...this.#merges.ids, ...this.#outbox.attempts()]);
    return {
      type: "hello",
      version: linkVersion,
      node: this.#options.id,
      pid: process.pid,
      cores: availableParallelism(),
      agents: [...new Set([...this.#fleet.ids, ...this.#outbox.agents()])],
      attempts: [...attempts],
    };
  }

  #welcomed({ heartbeatMs }: Extract<ToNode, { type: "welcome" }>): void {
    this.#cancelOrphan();
    for (const kept of this.#outbox.pending) this.#link.send({ type: "report", ...kept });
    this.#heartbeat.start(heartbeatMs);
  }

  #obey(frame: Exclude<ToNode, { type: "welcome" }>): void {
    switch (frame.type) {
      case "order":
        if (!this.#leaving) this.#orders.carryOut(frame.order);
        return;
      case "ack":
        return this.#outbox.acknowledge(frame.seq);
      case "ask":
        return void this.#answer(frame);
      case "leave":
        return void this.leave();
      default:
        unreachable(frame);
    }
  }

  async #answer({ ask, question }: Extract<ToNode, { type: "ask" }>): Promise<void> {
    const parts = {
      fleet: this.#fleet,
      attempts: this.#attempts,
      gateway: this.#gateway,
      workspaces: this.#workspaces,
    };
    try {
      this.#link.send({ type: "answer", ask, value: await answer(parts, question) });
    } catch (error) {
      this.#link.send({ type: "refusal", ask, code: codeOf(error) ?? "INTERNAL", message: messageOf(error) });
    }
  }

  #report(report: Report): void {
    // What ends because the node leaves has not failed: the engine hears that the node is gone.
    if (this.#leaving && report.type !== "attemptSpent" && report.type !== "attemptMerged") return;
    const kept = this.#outbox.add(report);
    if (this.#link.isUp) this.#link.send({ type: "report", ...kept });
  }

  #hear(agent: AgentId, event: RuntimeEvent): void {
    if (event.type === "activity") {
      return this.#heartbeat.note({ agent, attempt: event.attempt, text: event.text });
    }
    const { attempt, sessionId, transcript } = event;
    this.#report({ type: "attemptStarted", attempt, sessionId, transcript });
  }

  /** Without an engine the agents go on for a while: it is most likely being restarted. */
  #expectEngine(): void {
    this.#heartbeat.stop();
    this.#cancelOrphan();
    const { clock, orphanAfterMs, idleOrphanAfterMs } = this.#options;
    const delay = this.#fleet.ids.length === 0 ? idleOrphanAfterMs : orphanAfterMs;
    this.#cancelOrphan = clock.after(delay, () => void this.leave());
  }
}
