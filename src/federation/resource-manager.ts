import type { Millis } from "../lib/clock.ts";
import type { AgentId, TeamId } from "../model/records.ts";
import type { NodeResources, PressureKind } from "../model/resources.ts";
import { type ResourceOptions, resolveResources } from "./resources/options.ts";
import { type Pressure, pressureOf } from "./resources/pressure.ts";
import { attemptRoom } from "./resources/room.ts";
import { type Claim, shareOut } from "./resources/shares.ts";

/** What keeps an agent from starting. `pressure`: the machine is short of something; `memory`: set aside for those that start. */
export type ResourceLimit = "pressure" | "memory" | "node-quota" | "team-quota" | "share";

export type Admission = { admitted: true } | { admitted: false; limit: ResourceLimit; reason: string };

interface Held {
  team: TeamId;
  since: Millis;
}

/**
 * Who may start an agent on one node: by what was measured, by quota, and by a team's share beside others.
 *
 * An agent is reserved its place before it starts, and its part of the memory until `settleMs` later, when a measurement
 * shows what it takes. The parts are those that the engine runs on (`resources/`). Deterministic: time is passed in.
 */
export class ResourceManager {
  readonly options: Readonly<ResourceOptions>;
  readonly #held = new Map<AgentId, Held>();
  /** In the order in which they came first, which breaks ties. */
  readonly #claims = new Map<TeamId, Claim>();
  #measured: NodeResources | null = null;
  #pressure: Pressure[] = [];

  /** @throws GodelError OPTION_UNKNOWN, OPTION_RANGE. */
  constructor(options: Partial<ResourceOptions> = {}) {
    this.options = resolveResources(options);
  }

  /** What a team wants and is due, in place of what it did before. A team that never said is due nothing. */
  claim(claim: Claim): void {
    this.#claims.set(claim.team, claim);
  }

  /** It wants nothing any more. What it holds it keeps until that is released. */
  drop(team: TeamId): void {
    this.#claims.delete(team);
  }

  /** What the machine has left. Before the first measurement nothing of it limits. */
  measure(resources: NodeResources): void {
    this.#measured = resources;
    const before: PressureKind[] = this.#pressure.map(({ kind }) => kind);
    this.#pressure = pressureOf(resources, before, this.options);
  }

  /** Places by team. Who has more is to give some back; nobody is left with nothing while there is one for each. */
  shares(): Map<TeamId, number> {
    const { maxAgents, maxAgentsPerTeam } = this.options;
    const claims = [...this.#claims.values()].map((claim) => ({
      ...claim,
      wants: Math.min(claim.wants, maxAgentsPerTeam),
    }));
    return shareOut(maxAgents, claims);
  }

  /** Agents that hold a place, of one team or of all. */
  held(team?: TeamId): number {
    if (team === undefined) return this.#held.size;
    return [...this.#held.values()].filter((each) => each.team === team).length;
  }

  /** Reserves a place, or says what is short. Who has one gets it again at no cost. */
  reserve(agent: AgentId, team: TeamId, at: Millis): Admission {
    if (this.#held.has(agent)) return { admitted: true };
    const refusal = this.#refusal(team, at);
    if (refusal) return { admitted: false, ...refusal };
    this.#held.set(agent, { team, since: at });
    return { admitted: true };
  }

  /** It is gone. May be called twice. */
  release(agent: AgentId): void {
    this.#held.delete(agent);
  }

  #refusal(team: TeamId, at: Millis): { limit: ResourceLimit; reason: string } | null {
    const { maxAgents, maxAgentsPerTeam, settleMs } = this.options;
    const [pressed] = this.#pressure;
    if (pressed) return { limit: "pressure", reason: pressed.why };
    if (this.held() >= maxAgents) return { limit: "node-quota", reason: `the node has its ${maxAgents} agents` };
    const has = this.held(team);
    if (has >= maxAgentsPerTeam)
      return { limit: "team-quota", reason: `team ${team} has its ${maxAgentsPerTeam} agents` };
    const due = this.shares().get(team) ?? 0;
    if (has >= due)
      return { limit: "share", reason: `team ${team} has the ${due} agents that it is due beside others` };
    const { places, why } = attemptRoom(this.#measured ?? { memory: null }, this.options);
    const begun = [...this.#held.values()].filter(({ since }) => since > at - settleMs).length;
    return begun >= places ? { limit: "memory", reason: `${why}; ${begun} have just begun` } : null;
  }
}
