import { bestModel } from "../engine/cascade.ts";
import { checkAgainstTeam } from "../engine/decide-team.ts";
import type { Engine } from "../engine/engine.ts";
import { type PlanStrategy, planStrategy, strategyOf, TaskDecomposer } from "../federation/task-decomposer.ts";
import type { Clock } from "../lib/clock.ts";
import { GodelError } from "../lib/errors.ts";
import type { Plan } from "../model/plan.ts";
import type { Team, TeamId } from "../model/records.ts";
import type { RepoMap } from "../model/repo-map.ts";
import { teamEnded } from "../model/states.ts";
import type { Usage } from "../model/usage.ts";
import { predict } from "./experience.ts";
import type { NodeLinks } from "./node-link.ts";

/** The longest answer asked of a planner, in tokens: a plan of some 300 tasks. */
const maxPlanTokens = 64_000;
/** Files of one plan; a pattern over more is work for several teams. */
export const maxFiles = 100_000;
/** Files that a planner model is told of; a larger repository is told by its folders. */
const maxToldFiles = 20_000;
/** Wait before a plan is asked for again that no node could answer, in ms. */
const retryMs = 2_000;

export interface PlanGoal {
  goal: string;
  repo: string;
  model: string;
  parallelism: number;
  skills: readonly string[];
  strategy: PlanStrategy;
  /** Globs; empty: all files. */
  files: readonly string[];
  /** What a line of each file must match; undefined: anything. */
  query: string | undefined;
  /** Whether to answer a plan that leaves demands of the goal undone. */
  keepUnmet: boolean;
  /** Who pays; null for a plan that is only looked at. */
  team: TeamId | null;
}

/** Whether a goal says which files its work is in. */
export function filesChosen({ files, query }: Pick<PlanGoal, "files" | "query">): boolean {
  return files.length > 0 || query !== undefined;
}

export interface Planned {
  plan: Plan;
  strategy: Exclude<PlanStrategy, "auto">;
  map: RepoMap;
}

/** Plans by looking at a repository and asking a model, both through a node. Each plan of a team that waits for one is an effect of its state. */
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

  /** Plans for every team that waits for a plan, and tries the gates of those that have one. Safe to call at any time; each team is planned once at a time. */
  poke(): void {
    for (const id of this.#engine.state.index.active) {
      const team = this.#engine.state.teams.get(id);
      if (!team || teamEnded(team.state) || this.#busy.has(id)) continue;
      const work = team.state === "planning" ? this.#planTeam(team) : this.#tryGates(team);
      this.#busy.add(id);
      work.finally(() => this.#busy.delete(id));
    }
  }

  /** A plan for a goal, and what it cost. `onUsage` hears of money even when planning fails, and whether its node has reported it. */
  async plan(goal: PlanGoal, onUsage: (usage: Usage, reported: boolean) => void): Promise<Planned> {
    const { goal: task, repo, parallelism, skills, files: globs, query } = goal;
    const chosen = filesChosen(goal);
    const strategy = strategyOf({ task, parallelism, strategy: goal.strategy, filesChosen: chosen });
    const max = strategy === "files" ? maxFiles : maxToldFiles;
    const map = await this.#links.ask({
      type: "map",
      repo,
      globs: [...globs],
      ...(query !== undefined && { query }),
      max,
    });
    const decomposer = new TaskDecomposer({
      ask: async (messages, tool) => {
        const question = { type: "complete", model: goal.model, team: goal.team, maxTokens: maxPlanTokens } as const;
        const { text, usage, reported } = await this.#links.ask({ ...question, messages: [...messages], tool });
        onUsage(usage, reported === true);
        return text;
      },
    });
    const plan = await decomposer.decompose({
      task,
      parallelism,
      skills,
      map,
      strategy,
      filesChosen: chosen,
      keepUnmet: goal.keepUnmet,
    });
    checkAgainstTeam({ skills: [...skills] }, plan);
    return { plan, strategy, map };
  }

  /** A gate that fails before any work says nothing of an agent: people are to know before they blame one. */
  async #tryGates({ id: team, repo, base: commit, gates, redGates }: Team): Promise<void> {
    if (redGates || gates.length === 0) return;
    try {
      const red = await this.#links.ask({ type: "redOnBase", repo, commit, gates });
      await this.#engine.submit({ type: "noteRedGates", team, gates: red.map(({ gate }) => gate) });
    } catch (error) {
      if (!(error instanceof GodelError)) throw error;
      // What git or the disk refuses now is asked again with the next team, or when a node links.
      if (error.code === "NODE_UNREACHABLE") this.#later();
    }
  }

  /** Nodes come back; a question that one never answered is asked again. */
  #later(): void {
    this.#clock.after(retryMs, () => this.poke());
  }

  async #planTeam(team: Team): Promise<void> {
    const { goal, repo, desired: parallelism, skills, planning } = team;
    const model = bestModel(team);
    const { strategy, files = [], query } = planning ?? {};
    const how = { strategy: planStrategy(strategy), files, query, keepUnmet: false };
    try {
      // Charged as it is spent: the plan may never come. Nodes report it, but those of older versions.
      const { plan } = await this.plan(
        { goal, repo, model, parallelism, skills, ...how, team: team.id },
        (usage, reported) => {
          if (!reported) void this.#engine.submit({ type: "chargeTeam", team: team.id, usage });
        },
      );
      const forecast = await predict(this.#engine, plan, { model, runtime: team.runtime, parallelism });
      await this.#engine.submit({ type: "planTeam", team: team.id, plan: { ...plan, ...(forecast && { forecast }) } });
      this.#later();
    } catch (error) {
      if (!(error instanceof GodelError)) throw error;
      if (error.code === "NODE_UNREACHABLE") return this.#later();
      await this.#engine.submit({ type: "failTeam", team: team.id, reason: `planning: ${error.message}` });
    }
  }
}
