/** Teams that share the places of a node: in which scenarios, and what is promised of them. */
import type { State } from "../engine/state.ts";
import { type ResourceOptions, resourceDefaults } from "../federation/resources/options.ts";
import type { Event } from "../model/events.ts";
import { evenShare, type Share } from "../model/share.ts";
import { promised } from "./broken-promise.ts";
import { Dice } from "./dice.ts";

/** In one scenario of three a node takes fewer agents than its teams may want. */
export function placesOf(seed: number): ResourceOptions {
  const dice = new Dice(seed, "places");
  return dice.chance(0.3) ? { ...resourceDefaults, maxAgents: dice.whole(2, 6) } : resourceDefaults;
}

export function shareFor(seed: number, team: string): Share {
  const dice = new Dice(seed, `share of ${team}`);
  return dice.chance(0.5) ? { weight: dice.whole(1, 5), priority: dice.whole(-1, 1) } : evenShare;
}

/** A node never has more agents than it takes, but for those that work alone on suspects; checked before each is asked for. */
export class SharingPromises {
  readonly #state: State;
  readonly #maxAgents: number;

  constructor(state: State, { maxAgents }: ResourceOptions) {
    this.#state = state;
    this.#maxAgents = maxAgents;
  }

  heard(event: Event): void {
    if (event.type !== "agentRequested" || event.alone) return;
    const { agents, index } = this.#state;
    const live = [...index.active].flatMap((team) => [...(index.teams.get(team)?.live ?? [])]);
    const there = live
      .flatMap((id) => agents.get(id) ?? [])
      .filter((agent) => agent.node === event.node && !agent.alone);
    const many = () => `${event.node} has ${there.length} of ${this.#maxAgents}, and gets ${event.agent}`;
    promised(there.length < this.#maxAgents, "a node has no more agents than it takes", many);
  }
}
