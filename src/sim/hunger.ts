import type { State } from "../engine/state.ts";
import type { Millis } from "../lib/clock.ts";
import type { Team } from "../model/records.ts";
import type { Overdue } from "./overdue.ts";
import type { Scenario } from "./scenario.ts";
import type { TroubleKind } from "./trouble.ts";

const fed = "a team with work to do gets an agent";

/** Beyond the longest that an agent of another team may work on what it has, in ms: gates, merges, the end of the agent, a new start. */
const slackMs = 120_000;
/** Nobody could start an agent while one of these is on. */
const excuses: readonly TroubleKind[] = [
  "agents-fail-to-start",
  "model-refused",
  "disk-low",
  "memory-low",
  "files-low",
  "disk-full",
  "git-fails",
];

interface HungerParts {
  /** That of the witness. */
  state: State;
  overdue: Overdue;
  scenario: Scenario;
  /** By the clock of the engine's events. */
  wall(): Millis;
  /** Anywhere. */
  isOn(kind: TroubleKind): boolean;
}

/** With fair shares no team starves: while others have agents, one that could use an agent has none for a bounded time. */
export class HungerPromise {
  readonly #parts: HungerParts;

  constructor(parts: HungerParts) {
    this.#parts = parts;
  }

  /** At each heartbeat. */
  check(): void {
    const { state, overdue, isOn, scenario } = this.#parts;
    const excused = excuses.some((kind) => isOn(kind)) || this.#isHeld();
    const withinMs = scenario.engine.attemptDeadlineMs + slackMs;
    for (const id of state.index.active) {
      const team = state.teams.get(id);
      const amiss = !excused && team !== undefined && this.#isHungry(team);
      overdue.check(`team ${id} waits`, { amiss, withinMs, promise: fed });
    }
  }

  /** A person holds agents, and with them their places. */
  #isHeld(): boolean {
    const { state } = this.#parts;
    for (const { state: of } of state.agents.values()) if (of === "paused") return true;
    return [...state.nodes.values()].some(({ pressure }) => pressure !== undefined && pressure !== null);
  }

  /** It has a task that could be worked on now, and nobody who could. */
  #isHungry(team: Team): boolean {
    const { state, wall, scenario } = this.#parts;
    // The budget of an hour goes before everything.
    if (team.min < team.max && Number.isFinite(scenario.engine.policies.scaler.maxCostPerHour)) return false;
    if (team.state !== "running" || team.startNotBefore > wall() || team.startFailures > 0) return false;
    const tasks = team.tasks.map((id) => state.tasks.get(id));
    if (!tasks.some((task) => task?.state === "queued" && task.notBefore <= wall())) return false;
    const under = tasks.some((task) => task && ["running", "verifying", "merging"].includes(task.state));
    const agents = [...(state.index.teams.get(team.id)?.live ?? [])].map((id) => state.agents.get(id)?.state);
    return !under && !agents.some((of) => of === "idle" || of === "busy");
  }
}
