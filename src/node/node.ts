import { unreachable } from "../lib/assert.ts";
import type { Clock, Millis } from "../lib/clock.ts";
import { codeOf, messageOf } from "../lib/errors.ts";
import type { Home } from "../model/home.ts";
import { type FromNode, linkVersion, type Report, type ToNode } from "../model/link.ts";
import type { AgentId, AttemptId, NodeId } from "../model/records.ts";
import type { RuntimeEvent } from "../runtimes/index.ts";
import { answer } from "./answers.ts";
import { Attempts } from "./attempts.ts";
import { Fleet } from "./fleet.ts";
import { Heartbeat } from "./heartbeat.ts";
import { Link } from "./link.ts";
import { Merges } from "./merges.ts";
import { Orders } from "./orders.ts";
import { Outbox } from "./outbox.ts";
import type { AgentPool, Models, NodeWorld } from "./ports.ts";
import { Quotas } from "./quotas.ts";
import { Spending } from "./spending.ts";

export interface NodeOptions {
  id: NodeId;
  home: Home;
  clock: Clock;
  world: NodeWorld;
  /** How long a node without an engine keeps its agents, in ms. Default an hour; nobody else can take their work. */
  orphanAfterMs: Millis;
  /** The same for a node that has none, in ms. Default a minute. */
  idleOrphanAfterMs: Millis;
  /** The node has left: all is kept, no process of it runs. */
  onLeft(): void;
}

const heardLate: ReadonlySet<Report["type"]> = new Set(["attemptSpent", "planningSpent", "attemptMerged"]);
export const nodeDefaults = { orphanAfterMs: 60 * 60_000, idleOrphanAfterMs: 60_000 };

/** One machine's part of the fleet: its agents, their worktrees and gates, and the way to the models. */
export class Node {
  readonly #options: NodeOptions;
  readonly #models: Models;
  readonly #outbox: Outbox;
  readonly #link: Link;
  readonly #pool: AgentPool;
  readonly #fleet: Fleet;
  readonly #attempts: Attempts;
  readonly #merges: Merges;
  readonly #orders: Orders;
  readonly #heartbeat: Heartbeat;
  #cancelOrphan = () => {};
  #leaving = false;

  static async open(options: NodeOptions): Promise<Node> {
    const { world } = options;
    let node: Node | undefined;
    const models = await world.openModels((spender, usage) => node?.spending.note(spender, usage));
    node = new Node(options, models);
    // An earlier node may have died with commands running and worktrees open. Once nothing of it runs, its attempts can
    // be gone on with.
    await world.killStrays();
    await node.#attempts.parkAll();
    await node.#salvage(node.#attempts);
    // Before an order can come: what the last process spent and did not tell.
    models.recover((spender, usage) => node?.spending.told(spender, usage) ?? false);
    node.#link.start();
    node.#expectEngine();
    // Loads while the engine is still being greeted: the first team finds a host that is up.
    void node.#pool.prewarm();
    return node;
  }

  readonly spending: Spending;

  private constructor(options: NodeOptions, models: Models) {
    const { home, clock, world } = options;
    const { workspaces, makeDir, removeDir, log } = world;
    this.#options = options;
    this.#models = models;
    this.#outbox = new Outbox(world.outbox, log);
    const report = (report: Report) => this.#report(report);
    this.spending = new Spending(clock, report);
    this.#pool = world.openPool({
      onEvent: (agent, event) => this.#hear(agent, event),
      onHostLost: (host, agents, reason) => {
        this.#report({ type: "hostLost", host, agents, attempts: this.#attempts.atWork(agents), reason });
      },
      onAgentLost: (agent, reason) => this.#fleet.lost(agent, reason),
      onHostHung: (pid, silentMs) => this.#endHung(pid, silentMs),
    });
    this.#fleet = new Fleet({ pool: this.#pool, models, clock, agentsDir: home.agents, makeDir, report });
    this.#attempts = new Attempts({
      fleet: this.#fleet,
      models,
      workspaces,
      spending: this.spending,
      quotas: new Quotas({ clock, usage: () => world.usageByAttempt(), sizeOf: world.sizeOf }),
      clock,
      home,
      env: world.env,
      makeDir,
      removeDir,
      sessionsOf: world.sessionsOf,
      log,
      report,
    });
    this.#merges = new Merges(workspaces, clock, report);
    this.#orders = new Orders({
      fleet: this.#fleet,
      pool: this.#pool,
      attempts: this.#attempts,
      merges: this.#merges,
      outbox: this.#outbox,
      report,
      models,
      workspaces,
      endHost: (pid, why) => this.#pool.kill(pid, why),
      log,
    });
    this.#heartbeat = new Heartbeat({
      clock,
      epoch: () => this.#link.epoch,
      hosts: () => this.#pool.hostStats().length,
      reserved: () => this.#orders.reserved(),
      parked: () => models.parked(),
      measure: () => world.measure([home.dir, ...this.#orders.repositories()]),
      ping: () => this.#pool.ping(),
      beats: () => this.#pool.beats(),
      rssBytes: () => world.rssBytes(),
      firstTokens: () => world.firstTokens(),
      send: (frame) => this.#link.send(frame),
    });
    this.#link = new Link(
      world,
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
    const { world } = this.#options;
    await this.#models.close();
    await world.killStrays();
    await this.#salvage(new Set());
    await world.workspaces.close();
    this.#link.close();
    this.#outbox.close();
    this.#options.onLeft();
  }

  /** Its agents are lost with it, which is better than a team that waits for them for ever. */
  #endHung(pid: number, silentMs: Millis): void {
    this.#options.world.log(`host ${pid} was silent for ${silentMs} ms, and is ended`);
    this.#pool.kill(pid, `no answer for ${Math.round(silentMs)} ms`);
  }

  /** Keeps the work in worktrees that nobody works in any more, and removes them. */
  async #salvage(live: { has(attempt: AttemptId): boolean }): Promise<void> {
    const { workspaces, log } = this.#options.world;
    const { kept } = await workspaces.salvage(live);
    for (const dir of kept) log(`the work in ${dir} could not be saved; it is left as it is`);
    if (kept.length > 0) this.#attempts.expectLeftovers();
  }

  #hello(): Extract<FromNode, { type: "hello" }> {
    const attempts = new Set([...this.#attempts.ids, ...this.#merges.ids, ...this.#outbox.attempts()]);
    return {
      type: "hello",
      version: linkVersion,
      node: this.#options.id,
      pid: this.#options.world.pid,
      cores: this.#options.world.cores,
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
      models: this.#models,
      workspaces: this.#options.world.workspaces,
      home: this.#options.home,
    };
    try {
      this.#link.send({ type: "answer", ask, value: await answer(parts, question) });
    } catch (error) {
      this.#link.send({ type: "refusal", ask, code: codeOf(error) ?? "INTERNAL", message: messageOf(error) });
    }
  }

  /** Whether it will be heard even if this process dies. */
  #report(report: Report): boolean {
    // What ends because the node leaves has not failed: the engine hears that the node is gone.
    if (this.#leaving && !heardLate.has(report.type)) return false;
    const { safe, seq } = this.#outbox.add(report);
    if (this.#link.isUp) this.#link.send({ type: "report", seq, report });
    return safe;
  }

  #hear(agent: AgentId, event: RuntimeEvent): void {
    this.#attempts.watched.hear(event);
    if (event.type === "tool") return this.#options.world.toolCalled(agent, event.attempt, event.call);
    if (event.type !== "session") return this.#heartbeat.hear(agent, event);
    const { attempt, sessionId, transcript } = event;
    const resumption = this.#attempts.resumptionOf(attempt);
    this.#report({ type: "attemptStarted", attempt, sessionId, transcript, ...(resumption && { resumption }) });
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
