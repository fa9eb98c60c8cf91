import type { Command } from "../model/commands.ts";
import { checkPlan } from "../model/plan.ts";
import { preferredCosts, usualCost } from "../model/preferred-cost.ts";
import type { TeamSpec } from "../model/records.ts";
import { autoModel } from "../model/tiers.ts";
import type { TeamPlan } from "./scenario.ts";
import { largePrompt, longPrompt, poisonPrompt } from "./script.ts";
import { shareFor } from "./sharing.ts";
import type { World } from "./world.ts";

const retryMs = 2_000;

/** Whoever uses the fleet: asks until it is answered, and holds the engine to its word. */
export class Person {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** Asks once. True when the engine said that it is done; whoever gets no answer does not know. */
  async ask(command: Command): Promise<boolean> {
    const { engine } = this.#world;
    if (!engine?.engine || !engine.process.alive || this.#world.down) return false;
    try {
      const events = await engine.submit(command);
      const leads = engine.process.alive && engine === this.#world.engine;
      if (events && leads) this.#world.witness.acknowledged(events);
      return events !== null;
    } catch (error) {
      this.#world.fail(error);
      return false;
    }
  }

  spawn(team: TeamPlan): void {
    const { timeline } = this.#world;
    const plan = planOf(team, this.#world.bugs.forgetsFiles ?? false);
    const create: Command = {
      type: "createTeam",
      team: { ...specOf(team), share: shareFor(this.#world.scenario.seed, team.id) },
      plan: team.planned === "with-it" ? plan : null,
    };
    timeline.after(team.startMs, () => this.#insist(create, () => this.#world.witness.state.teams.has(team.id)));
    if (team.planned === "with-it") return;
    const then: Command =
      team.planned === "later"
        ? { type: "planTeam", team: team.id, plan }
        : { type: "failTeam", team: team.id, reason: "the planner failed" };
    const isPlanned = () => this.#stateOf(team.id) !== undefined && this.#stateOf(team.id) !== "planning";
    timeline.after(team.startMs + 45_000, () => this.#insist(then, isPlanned));
  }

  /** From now on nothing stays paused. */
  resumeAll(): void {
    const { state } = this.#world.witness;
    for (const team of state.teams.values())
      if (team.state === "paused") this.ask({ type: "resumeTeam", team: team.id });
    for (const agent of state.agents.values()) {
      if (agent.state === "paused") this.ask({ type: "resumeAgent", agent: agent.id });
    }
    this.#world.timeline.after(30_000, () => this.resumeAll());
  }

  #stateOf(team: string) {
    return this.#world.witness.state.teams.get(team)?.state;
  }

  #insist(command: Command, holds: () => boolean): void {
    if (holds()) return;
    void this.ask(command);
    this.#world.timeline.after(retryMs, () => this.#insist(command, holds));
  }
}

const simTiers = [
  { name: "small", model: "sim/small", costUsd: 0.01 },
  { name: "large", model: "sim/large", costUsd: 0.1 },
];

function specOf({ id, agents, min, max, budgetUsd, gates }: TeamPlan): TeamSpec {
  return {
    id,
    name: id,
    goal: "",
    repo: "/repo",
    base: "base",
    branch: `godel/${id}`,
    model: "sim/model",
    runtime: "pi",
    skills: [],
    gates,
    desired: agents,
    min,
    max,
    budgetUsd,
    // Every third chooses between two models, by one wish or another.
    ...(agents % 3 === 0 && { model: autoModel, tiers: simTiers }),
    ...(agents % 2 === 0 && { preferredCost: preferredCosts[agents % preferredCosts.length] ?? usualCost }),
  };
}

function planOf({ tasks }: TeamPlan, withoutFiles: boolean) {
  return checkPlan({
    tasks: tasks.map(({ key, poison, large, long, ...task }) => ({
      id: key,
      prompt: promptOf(key, { poison, large, long }),
      ...task,
      files: withoutFiles ? [] : task.files,
    })),
  });
}

function promptOf(
  key: string,
  { poison, large, long }: Pick<TeamPlan["tasks"][number], "poison" | "large" | "long">,
): string {
  if (poison) return poisonPrompt;
  if (long) return longPrompt;
  return large ? largePrompt : key;
}
