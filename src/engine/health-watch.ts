/** The health monitor at work: fed from heartbeats and from what the engine journals, it asks the engine to act. */
import type { Evidence } from "../federation/health/evidence.ts";
import { HealthMonitor } from "../federation/health-monitor.ts";
import type { Clock, Millis } from "../lib/clock.ts";
import type { Command } from "../model/commands.ts";
import type { Event } from "../model/events.ts";
import type { FromNode } from "../model/link.ts";
import type { Agent, AgentId, AttemptId, NodeId } from "../model/records.ts";
import type { AgentSign } from "../model/signs.ts";
import { agentEnded } from "../model/states.ts";
import type { Engine } from "./engine.ts";
import { hostOf, WatchedHosts } from "./watched-hosts.ts";

type Heartbeat = Extract<FromNode, { type: "heartbeat" }>;

/** What it needs of an engine. */
export type WatchedEngine = Pick<Engine, "state" | "options" | "submit" | "subscribe">;

export interface WatchParts {
  engine: WatchedEngine;
  clock: Clock;
}

/** How much later than its own deadline an attempt is ended from here, in ms: its node does it first. */
const deadlineGraceMs = 30_000;
/** Answers shorter than this, in s, are not compared with those of peers. */
const shortSeconds = 0.5;
/** How soon it is asked again for what was refused, in ms. */
const againMs = 5_000;

/**
 * Watches every agent that is up. It is not journaled: a monitor that starts anew learns the gaps again, and what it asks
 * for is decided, and stored with its evidence, by the engine.
 *
 * One clock: all is told by the arrival of what a node says, less how long ago the node says that it was.
 */
export class HealthWatch {
  readonly monitor: HealthMonitor;
  readonly #engine: WatchedEngine;
  readonly #clock: Clock;
  readonly #hosts = new WatchedHosts();
  /** What each agent is watched at. Its last one may still be in its gates, and says nothing of this. */
  readonly #at = new Map<AgentId, AttemptId>();
  /** Asked for and not done: setting agents aside may be held back. */
  readonly #pending = new Map<AgentId, Command>();
  #askedAt: Millis;
  #cancel = () => {};
  readonly #unsubscribe: () => void;

  constructor({ engine, clock }: WatchParts) {
    this.#engine = engine;
    this.#clock = clock;
    this.#askedAt = clock.monotonic();
    this.monitor = new HealthMonitor(engine.options.policies.health);
    this.monitor.on("suspect", (agent, evidence) =>
      this.#accuse(agent, evidence, () => this.#suspect(agent, evidence)),
    );
    this.monitor.on("unhealthy", (agent, evidence) =>
      this.#accuse(agent, evidence, () => this.#eject(agent, evidence)),
    );
    this.monitor.on("anomaly", (agent, evidence) => this.#note(agent, evidence));
    this.monitor.on("recovered", (agent) => this.#trust(agent));
    for (const agent of engine.state.agents.values()) this.#watch(agent);
    this.#unsubscribe = engine.subscribe((events) => {
      for (const event of events) this.#follow(event);
    });
    this.#sweepSoon();
  }

  /** What a node says once a second. */
  hear(node: NodeId, { hostBeats = [], signs = [], parked = [], activities, lagMs }: Heartbeat): void {
    const now = this.#clock.monotonic();
    this.#hosts.heard(node, now);
    // A node that stood still could not hear its hosts.
    const isLate = lagMs > this.monitor.options.selfLagMs;
    for (const beat of hostBeats) {
      const at = isLate ? now : now - beat.agoMs;
      for (const agent of this.#hosts.beat(node, beat, at)) this.monitor.heartbeat(agent, at);
    }
    for (const { agent, attempt } of activities) {
      if (attempt !== null) this.#sign({ agent, attempt, agoMs: 0, sign: { what: "output" } }, now);
    }
    for (const sign of signs) this.#sign(sign, now - sign.agoMs);
    for (const { attempt } of parked) this.#parked(attempt, now);
  }

  close(): void {
    this.#cancel();
    this.#unsubscribe();
  }

  /** One that waits for its provider is not to blame either, and its node counts that time out of its deadline. */
  #parked(attempt: AttemptId, at: Millis): void {
    const agent = this.#engine.state.attempts.get(attempt)?.agent ?? "";
    if (this.#engine.state.agents.get(agent)?.attempt === attempt) this.#began(agent, at);
  }

  #sign({ agent, attempt, sign }: AgentSign, at: Millis): void {
    // What is told late of an attempt that has ended says nothing of the next.
    if (this.#engine.state.agents.get(agent)?.attempt !== attempt) return;
    switch (sign.what) {
      case "output":
        return this.monitor.progress(agent, at);
      case "tool-started":
        return this.monitor.toolStarted(agent, at);
      case "tool-ended":
        return this.monitor.toolEnded(agent, sign, at);
      case "said":
        return this.monitor.said(agent, sign.text, at);
      case "answered":
        // Of a short answer the time is chance, so it says nothing of speed.
        return this.monitor.answered(agent, sign.seconds < shortSeconds ? { ...sign, seconds: 0 } : sign, at);
    }
  }

  #follow(event: Event): void {
    const { state } = this.#engine;
    const now = this.#clock.monotonic();
    switch (event.type) {
      case "agentReady":
        return this.#watch(state.agents.get(event.agent));
      case "agentResumed":
        return this.#began(event.agent, now);
      case "agentLost":
        return this.#lost(event.agent, event.reason, now);
      case "agentStopped":
      case "agentEjected":
        return this.#forget(event.agent);
      case "attemptStarted":
        return this.#began(state.attempts.get(event.attempt)?.agent ?? "", now);
      case "attemptVerifying":
        return this.#ended(event.attempt, false, now);
      // One that got as far as its gates has ended before, as far as its agent goes.
      case "attemptEnded":
        return this.#ended(event.attempt, event.failure?.reason === "agent-error" ? true : null, now);
      default:
    }
  }

  #watch(agent: Agent | undefined): void {
    if (!agent || agentEnded(agent.state) || agent.hostPid === null) return;
    const { id, model, team, attempt } = agent;
    const now = this.#clock.monotonic();
    this.monitor.watch({ agent: id, model, source: hostOf(agent), lineage: team }, now);
    this.#hosts.add(agent);
    if (attempt !== null) this.#began(id, now);
    // Of one that was suspect before this monitor began nothing is known any more.
    if (agent.state === "suspect") this.#trust(id);
  }

  #began(id: AgentId, at: Millis): void {
    const attempt = this.#engine.state.agents.get(id)?.attempt;
    if (attempt == null) return;
    this.#at.set(id, attempt);
    this.monitor.began(id, at, at + this.#engine.options.attemptDeadlineMs + deadlineGraceMs);
  }

  #ended(attempt: AttemptId, failed: boolean | null, at: Millis): void {
    const agent = this.#engine.state.attempts.get(attempt)?.agent ?? "";
    if (this.#at.get(agent) !== attempt) return;
    this.#at.delete(agent);
    this.monitor.ended(agent, { failed }, at);
  }

  /** Agents that die with one host have crashed once. */
  #lost(id: AgentId, detail: string, at: Millis): void {
    const agent = this.#engine.state.agents.get(id);
    this.monitor.exited(id, { expected: agent === undefined || !this.#hosts.died(agent), detail }, at);
    this.#forget(id);
  }

  #forget(id: AgentId): void {
    this.monitor.forget(id);
    this.#pending.delete(id);
    this.#at.delete(id);
    const agent = this.#engine.state.agents.get(id);
    if (agent) this.#hosts.remove(agent);
  }

  #sweepSoon(): void {
    const { sweepMs } = this.monitor.options;
    const due = this.#clock.monotonic() + sweepMs;
    this.#cancel = this.#clock.after(sweepMs, () => {
      const now = this.#clock.monotonic();
      this.#excuseUnheard(now);
      this.monitor.sweep(now, now - due);
      this.#askAgain(now);
      this.#sweepSoon();
    });
  }

  /** The agents of a node that is silent cannot be judged: the node itself is suspected, by others. */
  #excuseUnheard(now: Millis): void {
    const before = now - 1.5 * this.monitor.options.heartbeatMs;
    for (const agent of this.#hosts.unheard(before)) this.monitor.excuse(agent, now);
  }

  /** One that a person holds makes no progress, and is not to blame: it has as long as at first once it goes on. */
  #accuse(agent: AgentId, { signal }: Evidence, act: () => void): void {
    const known = this.#engine.state.agents.get(agent);
    if (!known || agentEnded(known.state)) return;
    if (known.state === "paused" && signal !== "alive") return this.#began(agent, this.#clock.monotonic());
    act();
  }

  #suspect(agent: AgentId, evidence: Evidence): void {
    this.#ask({ type: "suspectAgent", agent, evidence });
  }

  #eject(agent: AgentId, evidence: Evidence): void {
    // A host is condemned once for all of its agents; asked again, each asks, and one is enough.
    const command: Command = { type: evidence.signal === "alive" ? "condemnHost" : "ejectAgent", agent, evidence };
    if (this.#pending.size === 0) this.#askedAt = this.#clock.monotonic();
    this.#pending.set(agent, command);
    const known = this.#engine.state.agents.get(agent);
    if (command.type === "ejectAgent" || (known && this.#hosts.condemn(known))) this.#ask(command);
  }

  #trust(agent: AgentId): void {
    this.#pending.delete(agent);
    this.#ask({ type: "trustAgent", agent });
  }

  #note(agent: AgentId, evidence: Evidence): void {
    const team = this.#engine.state.agents.get(agent)?.team;
    if (evidence.signal !== "crash-loop") return this.#ask({ type: "noteAnomaly", agent, evidence });
    const forMs = evidence.figures.quarantineMs ?? 0;
    if (team !== undefined) this.#ask({ type: "quarantineTeam", team, forMs, evidence });
  }

  #askAgain(now: Millis): void {
    if (this.#pending.size === 0 || now - this.#askedAt < againMs) return;
    this.#askedAt = now;
    const condemned = new Set<string>();
    for (const [agent, command] of this.#pending) {
      const known = this.#engine.state.agents.get(agent);
      const host = known && command.type === "condemnHost" ? hostOf(known) : agent;
      if (!condemned.has(host)) this.#ask(command);
      condemned.add(host);
    }
  }

  /** None of these is refused; a bug in deciding them ends the engine by itself. */
  #ask(command: Command): void {
    void this.#engine.submit(command).catch(() => {});
  }
}
