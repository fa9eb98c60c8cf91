import { checkAgainstTeam } from "../engine/decide-team.ts";
import type { Engine } from "../engine/engine.ts";
import { TaskDecomposer } from "../federation/task-decomposer.ts";
import type { Clock } from "../lib/clock.ts";
import { GodelError } from "../lib/errors.ts";
import type { Plan } from "../model/plan.ts";
import type { Team, TeamId } from "../model/records.ts";
import type { Usage } from "../model/usage.ts";
import type { NodeLinks } from "./node-link.ts";

/** The longest answer asked of a planner, in tokens: a plan of some 300 tasks. */
const maxPlanTokens = 64_000;
const maxFiles = 20_000;
/** Wait before a plan is asked for again that no node could answer, in ms. */
const retryMs = 2_000;

export interface PlanGoal {
  goal: string;
  repo: string;
  model: string;
  parallelism: number;
  skills: readonly string[];
  /** Who pays; null for a plan that is only looked at. */
  team: TeamId | null;
}

/** Plans by asking a model through a node's gateway. Each plan of a team that waits for one is an effect of its state. */
export class Planner {
  readonly #engine: Engine;
  readonly #links: NodeLinks;
  readonly #clock: Clock;
  readonly #busy = new Set<TeamId>();

  constructor(engine: Engine, links: NodeLinks, clock: Clock) {
    this.#clock = clock;
    this.#engine = engine;
    this.#links = links;
  }

  /** Plans for every team that waits for a plan. Safe to call at any time; each team is planned once at a time. */
  poke(): void {
    for (const team of this.#engine.state.teams.values()) {
      if (team.state !== "planning" || this.#busy.has(team.id)) continue;
      this.#busy.add(team.id);
      this.#planTeam(team).finally(() => this.#busy.delete(team.id));
    }
  }

  /** A plan for a goal, and what it cost. `onUsage` hears of money even when planning fails. */
  async plan(goal: PlanGoal, onUsage: (usage: Usage) => void): Promise<Plan> {
    const map = await this.#links.ask({ type: "map", repo: goal.repo, globs: [], max: maxFiles });
    const decomposer = new TaskDecomposer({
      ask: async (messages, tool) => {
        const question = { type: "complete", model: goal.model, team: goal.team, maxTokens: maxPlanTokens } as const;
        const { text, usage } = await this.#links.ask({ ...question, messages: [...messages], tool });
        onUsage(usage);
        return text;
      },
    });
    const { goal: task, parallelism, skills } = goal;
    const plan = await decomposer.decompose({ task, parallelism, skills, map });
    checkAgainstTeam({ skills: [...skills] }, plan);
    return plan;
  }

  /** Nodes come back; a question that one never answered is asked again. */
  #later(): void {
    this.#clock.after(retryMs, () => this.poke());
  }

  async #planTeam(team: Team): Promise<void> {
    const { goal, repo, model, desired: parallelism, skills } = team;
    try {
      // Charged as it is spent: the plan may never come.
      const plan = await this.plan({ goal, repo, model, parallelism, skills, team: team.id }, (usage) => {
        void this.#engine.submit({ type: "chargeTeam", team: team.id, usage });
      });
      await this.#engine.submit({ type: "planTeam", team: team.id, plan });
    } catch (error) {
      if (!(error instanceof GodelError)) throw error;
      if (error.code === "NODE_UNREACHABLE") return this.#later();
      await this.#engine.submit({ type: "failTeam", team: team.id, reason: `planning: ${error.message}` });
    }
  }
}
