import type { State } from "../engine/state.ts";
import type { HealthOptions } from "../federation/health/options.ts";
import type { Millis } from "../lib/clock.ts";
import type { Event } from "../model/events.ts";
import type { Agent, Attempt, NodeId } from "../model/records.ts";
import { agentEnded, attemptEnded } from "../model/states.ts";
import { promised } from "./broken-promise.ts";
import type { Overdue } from "./overdue.ts";
import type { Vitals } from "./vitals.ts";

const noticed = "a host that stands still is noticed";
const stalled = "an agent that makes no progress is noticed";
const looped = "an agent in a loop is ended";
const blameless = "nobody is set aside for silence that was none";
const fast = "only who is slow is replaced for it";

/** So long after it should have been noticed a promise is broken, in ms: what a heartbeat, a sweep and a write may take. */
const slackMs = 15_000;
/** So many hosts that are late together may be our own fault: then verdicts are withheld. */
const crowd = 5;

interface HealthParts {
  /** That of the witness. */
  state: State;
  vitals: Vitals;
  options: HealthOptions;
  now(): Millis;
}

/** What the health monitor promises, held against how hosts and agents really do. */
export class HealthPromises {
  readonly #parts: HealthParts;

  constructor(parts: HealthParts) {
    this.#parts = parts;
  }

  /** At each heartbeat of `node`. */
  check(node: NodeId, overdue: Overdue): void {
    this.#checkHosts(node, overdue);
    this.#checkAttempts(node, overdue);
  }

  /** Before the event is applied. */
  heard(event: Event): void {
    if (event.type === "agentEjected" && event.evidence?.signal === "progress") this.#checkBlame(event.agent);
    if (event.type !== "agentAnomaly" || event.evidence.signal !== "speed" || (event.evidence.figures.z ?? 0) < 0)
      return;
    promised(this.#parts.vitals.isSlow(event.agent), fast, () => `${event.agent}: ${event.evidence.detail}`);
  }

  /** Pauses of the engine or the node are no silence of its agents. */
  #checkBlame(id: Agent["id"]): void {
    const { vitals, options, now } = this.#parts;
    const silentMs = vitals.longestSilence(id, now() - options.stallMs - 2 * slackMs);
    promised(silentMs >= options.stallMs / 2, blameless, () => `${id} was silent for ${silentMs} ms at most`);
  }

  #checkHosts(node: NodeId, overdue: Overdue): void {
    const { state, vitals } = this.#parts;
    const hung = vitals.hungHosts;
    for (const { pid } of hung) {
      const trusted = [...state.agents.values()].filter(
        (agent) => agent.node === node && agent.hostPid === pid && (agent.state === "idle" || agent.state === "busy"),
      );
      const amiss = trusted.length > 0 && hung.length < crowd;
      overdue.check(`host ${pid}`, { amiss, withinMs: slackMs, promise: noticed });
    }
  }

  #checkAttempts(node: NodeId, overdue: Overdue): void {
    const { vitals, options } = this.#parts;
    const bounds = [
      { all: vitals.silent, withinMs: options.stallMs + slackMs, promise: stalled },
      { all: vitals.looping, withinMs: slackMs, promise: looped },
    ];
    for (const { all, ...bound } of bounds) {
      for (const id of all.keys()) overdue.check(`attempt ${id}`, { amiss: this.#isTrusted(id, node), ...bound });
    }
  }

  /** Whether its agent, on `node`, is at work on it, as far as the engine knows. */
  #isTrusted(id: Attempt["id"], node: NodeId): boolean {
    const { state } = this.#parts;
    const attempt = state.attempts.get(id);
    const agent = state.agents.get(attempt?.agent ?? "");
    if (!attempt || agent?.node !== node || attemptEnded(attempt.state) || agentEnded(agent.state)) return false;
    return attempt.state === "running" && agent.state === "busy" && agent.attempt === id;
  }
}
