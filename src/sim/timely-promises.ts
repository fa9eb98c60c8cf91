import type { Millis } from "../lib/clock.ts";
import type { Event } from "../model/events.ts";
import type { NodeId } from "../model/records.ts";
import type { EngineProcess } from "./engine-process.ts";
import { HealthPromises } from "./health-promises.ts";
import { HungerPromise } from "./hunger.ts";
import { Overdue } from "./overdue.ts";
import { nodesOf, type Scenario } from "./scenario.ts";
import type { Timeline } from "./timeline.ts";
import type { Trouble, TroubleKind } from "./trouble.ts";
import { Vitals } from "./vitals.ts";
import type { Wire } from "./wire.ts";
import type { Witness } from "./witness.ts";

interface TimelyParts {
  readonly witness: Witness;
  /** Of the engine's disk. */
  readonly trouble: Trouble;
  /** Of all machines too. */
  readonly troubles: readonly Trouble[];
  readonly scenario: Scenario;
  readonly timeline: Timeline;
  /** The one that leads. */
  readonly engine: EngineProcess | null;
}

/** Two heartbeats that are further apart are no steady link, in ms. */
const steadyMs = 1_700;

/**
 * What is to happen within a time: the sick are noticed, and nobody waits for ever.
 *
 * Time counts while the engine hears a node steadily and its journal takes what it writes: who stood still itself, or
 * could not hear, is not to blame.
 */
export class TimelyPromises {
  /** How hosts and agents really do. */
  readonly vitals: Vitals;
  readonly #parts: TimelyParts;
  readonly #ofNodes: Map<NodeId, Overdue>;
  readonly #ofTeams: Overdue;
  readonly #health: HealthPromises;
  readonly #hunger: HungerPromise;
  /** The last heartbeat of each node. */
  readonly #heard = new Map<NodeId, { wire: Wire | undefined; at: Millis }>();

  constructor(parts: TimelyParts) {
    const { scenario, timeline, witness } = parts;
    const { state } = witness;
    const now = () => timeline.now;
    this.#parts = parts;
    this.vitals = new Vitals(scenario.seed, now);
    this.#ofNodes = new Map(nodesOf(scenario).map((id) => [id, new Overdue(now)]));
    this.#ofTeams = new Overdue(now);
    this.#health = new HealthPromises({
      state,
      vitals: this.vitals,
      options: scenario.engine.policies.health,
      now,
    });
    const wall = () => parts.engine?.process.wall() ?? 0;
    const isOn = (kind: TroubleKind) => parts.troubles.some((trouble) => trouble.isOn(kind));
    this.#hunger = new HungerPromise({ state, overdue: this.#ofTeams, scenario, wall, isOn });
  }

  /** `engine`, which leads, has just taken notice of a heartbeat of `node`. */
  beat(engine: EngineProcess, node: NodeId): void {
    const { trouble, timeline } = this.#parts;
    const overdue = this.#ofNodes.get(node);
    const before = this.#heard.get(node);
    const wire = engine.wires.get(node);
    this.#heard.set(node, { wire, at: timeline.now });
    const writes = !trouble.isOn("slow-fsync") && !trouble.isOn("journal-full");
    const steady = writes && before?.wire === wire && this.#isSteady(before);
    if (!steady) overdue?.excuse();
    if (!steady || [...this.#ofNodes.keys()].some((id) => !this.#isSteady(this.#heard.get(id)))) this.#ofTeams.excuse();
    if (overdue) this.#health.check(node, overdue);
    this.#hunger.check();
  }

  /** Before the event is applied. */
  heard(event: Event): void {
    this.#health.heard(event);
  }

  #isSteady(heard: { at: Millis } | undefined): boolean {
    return heard !== undefined && this.#parts.timeline.now - heard.at < steadyMs;
  }
}
