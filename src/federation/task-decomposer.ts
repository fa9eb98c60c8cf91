import { GodelError } from "../lib/errors.ts";
import type { Plan } from "../model/plan.ts";
import type { RepoMap } from "../model/repo-map.ts";
import { isChecklist, planByChecklist } from "./decomposing/by-checklist.ts";
import { planByFiles } from "./decomposing/by-files.ts";
import { type AskPlanner, planByModel } from "./decomposing/by-model.ts";

export const planStrategies = ["auto", "model", "files", "checklist"] as const;

/**
 * How a goal is split. `model`: a planner model reads the goal and a map of the repository. `files`: the same work in
 * many files. `checklist`: the goal is a Markdown list. `auto`: `files` where globs chose the files, `checklist` where
 * the goal is a list, else `model`.
 */
export type PlanStrategy = (typeof planStrategies)[number];

export interface Goal {
  task: string;
  /** How many agents should have work at once. */
  parallelism: number;
  /** Default `auto`. */
  strategy?: PlanStrategy;
  /** Skills that the agents have; a task may ask for no other. */
  skills?: readonly string[];
  /** The repository, with the files that were chosen. */
  map?: RepoMap;
  /** Whether the files of `map` were chosen by globs, and are not just all there are. */
  filesChosen?: boolean;
  /** Whether the last plan of a model is answered although it leaves demands of the goal undone. Default false. */
  keepUnmet?: boolean;
}

export interface DecomposerParts {
  ask: AskPlanner;
}

/** Longer goals are documents: they belong into the repository, where agents can read them. */
export const maxGoalChars = 100_000;

/** Splits a goal into a plan. What it answers keeps to `checkPlan`, has no cycle and leaves nothing of the goal out. */
export class TaskDecomposer {
  readonly #ask: AskPlanner;

  constructor({ ask }: DecomposerParts) {
    this.#ask = ask;
  }

  /**
   * @throws GodelError GOAL_INVALID for a goal that is empty, too long or does not fit the strategy, PLAN_REFUSED where
   * no plan came of it, and whatever `ask` throws
   */
  async decompose(goal: Goal): Promise<Plan> {
    check(goal);
    const { task, parallelism, skills = [], map, keepUnmet = false } = goal;
    switch (strategyOf(goal)) {
      case "checklist":
        return planByChecklist(task);
      case "files":
        if (!map) throw new GodelError("GOAL_INVALID", "the strategy `files` needs a map of the repository.");
        return planByFiles({ task, parallelism, map });
      default:
        return planByModel(this.#ask, { task, parallelism, skills, map, keepUnmet });
    }
  }
}

/** The strategy called `name`. @throws GodelError OPTION_RANGE with the names that there are */
export function planStrategy(name = "auto"): PlanStrategy {
  const found = planStrategies.find((strategy) => strategy === name);
  if (found) return found;
  throw new GodelError("OPTION_RANGE", `strategy must be one of ${planStrategies.join(", ")}, got "${name}".`);
}

/** The strategy that `goal` asks for or calls for. */
export function strategyOf({ strategy = "auto", filesChosen, task }: Goal): Exclude<PlanStrategy, "auto"> {
  if (strategy !== "auto") return strategy;
  if (filesChosen) return "files";
  return isChecklist(task) ? "checklist" : "model";
}

function check({ task, parallelism }: Goal): void {
  if (task.trim() === "") throw new GodelError("GOAL_INVALID", "the goal is empty.");
  if (task.length > maxGoalChars) {
    throw new GodelError(
      "GOAL_INVALID",
      `the goal has ${task.length} characters; at most ${maxGoalChars} are allowed.`,
    );
  }
  if (!Number.isInteger(parallelism) || parallelism < 1) {
    throw new GodelError("OPTION_RANGE", `parallelism must be a whole number from 1 on, got ${parallelism}.`);
  }
}
