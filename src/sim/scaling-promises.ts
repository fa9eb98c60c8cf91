import type { State } from "../engine/state.ts";
import type { ScalerTuning } from "../federation/policies.ts";
import type { Millis } from "../lib/clock.ts";
import type { Event } from "../model/events.ts";
import type { TeamId } from "../model/records.ts";
import { promised } from "./broken-promise.ts";

const most = "a team whose size follows its work has at most as many agents as it may";
const busy = "scaling down lets go only agents that are free";
const rate = "agents are started no faster than the spawn rate allows";
const said = "each change of size says why";

/** What the auto-scaler promises, checked at each event before it is applied. */
export class ScalingPromises {
  readonly #state: State;
  readonly #options: Pick<ScalerTuning, "spawnBurst" | "spawnsPerSecond">;
  /** Tokens of each team's spawn bucket, were it filled only by time. */
  readonly #buckets = new Map<TeamId, { tokens: number; at: Millis }>();
  /** Teams whose size follows their work, by the event that is looked at. */
  #scaling: TeamId | null = null;

  /** `state` is that of the witness, and is as before the event when `heard` is called with it. */
  constructor(state: State, options: Pick<ScalerTuning, "spawnBurst" | "spawnsPerSecond">) {
    this.#state = state;
    this.#options = options;
  }

  heard(event: Event): void {
    if (event.type === "teamScaled") {
      this.#scaling = event.scaling ? event.team : null;
      // A person may ask for any size at any time.
      if (event.scaling === undefined) this.#buckets.delete(event.team);
      else promised(event.scaling.why !== "", said, () => event.team);
      return;
    }
    const isStep = event.type === "agentRequested" || event.type === "agentDraining";
    if (!isStep) {
      this.#scaling = null;
      return;
    }
    // Those that work alone on suspects are bounded by themselves.
    if (event.type === "agentRequested" && event.alone) return;
    if (event.type === "agentRequested") return this.#requested(event.team, event.at);
    const agent = this.#state.agents.get(event.agent);
    if (agent?.team !== this.#scaling) return;
    promised(agent?.attempt === null, busy, () => `${event.agent} works on ${agent?.attempt}`);
  }

  #requested(id: TeamId, at: Millis): void {
    const team = this.#state.teams.get(id);
    const index = this.#state.index.teams.get(id);
    const live = (index?.live.size ?? 0) - (index?.alone.size ?? 0);
    if (!team || team.min >= team.max) return void this.#buckets.delete(id);
    promised(live < team.max, most, () => `${id} has ${live} of ${team.max}, and starts one more`);
    const { spawnBurst, spawnsPerSecond } = this.#options;
    const { tokens, at: before } = this.#buckets.get(id) ?? { tokens: spawnBurst, at };
    const left = Math.min(spawnBurst, tokens + ((at - before) / 1_000) * spawnsPerSecond) - 1;
    promised(left >= -1e-6, rate, () => `${id} is ${-left} over its spawn rate`);
    this.#buckets.set(id, { tokens: left, at });
  }
}
