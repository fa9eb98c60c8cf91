import type { State } from "../engine/state.ts";
import type { ScalerTuning } from "../federation/policies.ts";
import type { ScaleInputs } from "../federation/scaling/observation.ts";
import type { Millis } from "../lib/clock.ts";
import type { Event } from "../model/events.ts";
import type { Scaling } from "../model/reasons.ts";
import type { TeamId } from "../model/records.ts";
import { promised } from "./broken-promise.ts";

const most = "a team whose size follows its work has at most as many agents as it may";
const busy = "scaling down lets go only agents that are free";
const rate = "agents are started no faster than the spawn rate allows";
const said = "each change of size says why, and from what";
const money = "no agent is started that the hourly budget does not carry";
const storm = "while starts fail, they are tried ever more seldom";
const settles = "a size settles while nothing happens";

/** Failures in a row, after which there is no doubt that starts fail. */
const surely = 6;
/** A start that is coming due may come once without an event, and its agent go again. */
const flipsAtMost = 2;

/** What one team's scaler did, as far as it matters for what it may do next. */
interface Record {
  /** Tokens of its spawn bucket, were it filled only by time. */
  bucket: { tokens: number; at: Millis } | null;
  /** Starts that had failed when one came up last. */
  failedBefore: number;
  /** When it asked for agents since then. */
  asked: Millis[];
  grew: boolean | null;
  /** Times that it turned from growing to shrinking or back since anything else happened. */
  flips: number;
}

type Tuning = Pick<ScalerTuning, "spawnBurst" | "spawnsPerSecond" | "maxCostPerHour" | "backoffMs">;

/** What a change of size itself brings about. */
const own: ReadonlySet<Event["type"]> = new Set([
  "teamScaled",
  "agentRequested",
  "agentReady",
  "agentDraining",
  "agentStopped",
]);

/** What the auto-scaler promises, checked at each event before it is applied. */
export class ScalingPromises {
  readonly #state: State;
  readonly #options: Tuning;
  readonly #records = new Map<TeamId, Record>();
  /** The team whose size is being changed by its work, by the event that is looked at, and what it said of that. */
  #scaling: { team: TeamId; left: number } | null = null;

  /** `state` is that of the witness, and is as before the event when `heard` is called with it. */
  constructor(state: State, options: Tuning) {
    this.#state = state;
    this.#options = options;
  }

  heard(event: Event): void {
    if (!own.has(event.type)) for (const record of this.#records.values()) record.flips = 0;
    switch (event.type) {
      case "teamScaled":
        this.#scaling = event.scaling ? { team: event.team, left: event.scaling.spawn } : null;
        // A person may ask for any size at any time.
        if (event.scaling) this.#scaled(event.team, event.scaling);
        else this.#records.delete(event.team);
        return;
      case "agentRequested":
        // Those that work alone on suspects are bounded by themselves.
        if (!event.alone) this.#requested(event.team, event.at);
        return;
      case "agentDraining": {
        const agent = this.#state.agents.get(event.agent);
        if (agent?.team !== this.#scaling?.team) return;
        promised(agent?.attempt === null, busy, () => `${event.agent} works on ${agent?.attempt}`);
        return;
      }
      case "agentReady":
        this.#cameUp(event.agent);
        break;
      default:
    }
    this.#scaling = null;
  }

  #scaled(id: TeamId, { spawn, drain, why, inputs }: Scaling): void {
    promised(why !== "", said, () => id);
    const record = this.#recordOf(id);
    const grows = spawn > 0 ? true : drain > 0 ? false : record.grew;
    if (record.grew !== null && grows !== record.grew) record.flips++;
    record.grew = grows;
    promised(record.flips <= flipsAtMost, settles, () => `${id} turned ${record.flips} times while nothing happened`);
    const seen = inputs as ScaleInputs;
    const live = this.#liveOf(id);
    const told = seen.busy + seen.idle + seen.starting + seen.draining;
    promised(told === live, said, () => `${id} has ${live} agents, and was sized by ${told}`);
    if (spawn === 0) return;
    // What there will be, were it all at work, each at what an agent is said to cost.
    const usd = (seen.busy + seen.idle + seen.starting + spawn) * seen.costPerAgentHourUsd;
    const { maxCostPerHour } = this.#options;
    promised(usd <= maxCostPerHour + 1e-6, money, () => `${id} may come to $${usd} an hour of $${maxCostPerHour}`);
  }

  #requested(id: TeamId, at: Millis): void {
    const team = this.#state.teams.get(id);
    const live = this.#liveOf(id);
    if (!team || team.min >= team.max) return void this.#records.delete(id);
    promised(live < team.max, most, () => `${id} has ${live} of ${team.max}, and starts one more`);
    if (this.#scaling?.team === id) this.#scaling.left--;
    promised((this.#scaling?.left ?? 0) >= 0, said, () => `${id} starts more than it said`);
    const record = this.#recordOf(id);
    const { spawnBurst, spawnsPerSecond, backoffMs } = this.#options;
    const { tokens, at: before } = record.bucket ?? { tokens: spawnBurst, at };
    const left = Math.min(spawnBurst, tokens + ((at - before) / 1_000) * spawnsPerSecond) - 1;
    promised(left >= -1e-6, rate, () => `${id} is ${-left} over its spawn rate`);
    record.bucket = { tokens: left, at };
    const failed = this.#failuresOf(id) - record.failedBefore;
    if (failed < surely) return;
    const last = record.asked.at(-1) ?? Number.NEGATIVE_INFINITY;
    record.asked.push(at);
    promised(at - last >= backoffMs, storm, () => `${id} tries again after ${at - last} ms, and ${failed} failures`);
  }

  #cameUp(id: string): void {
    const team = this.#state.agents.get(id)?.team ?? "";
    const record = this.#records.get(team);
    if (record) Object.assign(record, { failedBefore: this.#failuresOf(team), asked: [] });
  }

  #failuresOf(id: TeamId): number {
    return this.#state.index.teams.get(id)?.startsFailed ?? 0;
  }

  #liveOf(id: TeamId): number {
    const index = this.#state.index.teams.get(id);
    return (index?.live.size ?? 0) - (index?.alone.size ?? 0);
  }

  #recordOf(id: TeamId): Record {
    const failedBefore = this.#failuresOf(id);
    const record = this.#records.get(id) ?? { bucket: null, failedBefore, asked: [], grew: null, flips: 0 };
    this.#records.set(id, record);
    return record;
  }
}
