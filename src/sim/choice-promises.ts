import type { State } from "../engine/state.ts";
import type { Event } from "../model/events.ts";
import type { Agent } from "../model/records.ts";
import { agentEnded } from "../model/states.ts";
import { promised } from "./broken-promise.ts";

type Leased = Extract<Event, { type: "attemptLeased" }>;

const best = "a task whose cost is preferred to be high is tried by the best model";
const told = "who asks why a task went to its agent gets the true reason";

/** What a lease says of its choice, held against all agents of the team, counted anew. */
export class ChoicePromises {
  readonly #state: State;

  /** `state` is that of the witness, and is as before the event when `heard` is called with it. */
  constructor(state: State) {
    this.#state = state;
  }

  heard(event: Event): void {
    if (event.type !== "attemptLeased") return;
    this.#tierOf(event);
    if (!event.choice) return;
    const chosen = this.#state.agents.get(event.agent);
    promised(chosen?.state === "idle", told, () => `${event.agent} is ${chosen?.state}`);
    const { among, rejected } = event.choice;
    const team = [...this.#state.agents.values()].filter(
      ({ team, state, alone }) => team === chosen?.team && !alone && !agentEnded(state),
    );
    const said = new Map(rejected.map(({ why, agents }) => [why, agents]));
    for (const [why, is] of outs) {
      const out = team.filter(is).length;
      promised((said.get(why) ?? 0) === out, told, () => `${out} are ${why}, and ${said.get(why) ?? 0} were told`);
      said.delete(why);
    }
    const free = team.filter(({ state }) => state === "idle").length;
    const heldBack = [...said.values()].reduce((sum, agents) => sum + agents, 0);
    promised(among + heldBack === free, told, () => `${free} are free, and ${among} and ${heldBack} were told`);
  }

  /** Whoever does not mind the cost gets the best model at once. */
  #tierOf({ task: id, tier }: Leased): void {
    const task = this.#state.tasks.get(id);
    const { tiers = [], budgetUsd, preferredCost } = (task && this.#state.teams.get(task.team)) ?? {};
    if (!tier || (task?.preferredCost ?? preferredCost) !== "high" || task?.budgetUsd != null || budgetUsd != null)
      return;
    promised(tier.name === tiers.at(-1)?.name, best, () => `${id} is tried by ${tier.name}`);
  }
}

const outs: readonly [why: string, is: (agent: Agent) => boolean][] = [
  ["at work", ({ state }) => state === "busy"],
  ...(["starting", "paused", "suspect", "draining"] as const).map((name): [string, (agent: Agent) => boolean] => [
    name,
    ({ state }) => state === name,
  ]),
];
