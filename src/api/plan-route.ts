import { checkAgainstTeam } from "../engine/decide-team.ts";
import type { Engine } from "../engine/engine.ts";
import { coverageFaults } from "../federation/decomposing/coverage.ts";
import { planFindings } from "../federation/decomposing/plan-faults.ts";
import { splitBudget } from "../federation/decomposing/split-budget.ts";
import { planStrategy, strategyOf } from "../federation/task-decomposer.ts";
import { GodelError } from "../lib/errors.ts";
import { checkPlan, type Plan } from "../model/plan.ts";
import type { RepoMap } from "../model/repo-map.ts";
import { addUsage, noUsage, type Usage } from "../model/usage.ts";
import { predict } from "./experience.ts";
import type { NodeLinks } from "./node-link.ts";
import type { PlanAnswer, PlanRequest } from "./plan-wire.ts";
import { filesChosen, maxFiles, type Planner } from "./planner.ts";
import type { Serve } from "./serve.ts";

const defaultParallelism = 5;

interface PlanParts {
  engine: Engine;
  links: NodeLinks;
  planner: Planner;
}

/** POST /api/v1/plans: makes a plan or looks at one, without a team. Nothing of it is recorded. */
export function addPlanRoute(serve: Serve, parts: PlanParts): void {
  serve("makePlan", ({ body }) => answerPlan(parts, body));
}

async function answerPlan({ engine, links, planner }: PlanParts, request: PlanRequest): Promise<PlanAnswer> {
  const { parallelism = defaultParallelism, skills = [], budgetUsd } = request;
  let usage = { ...noUsage };
  const made = await makePlan({ engine, links, planner }, request, (more) => {
    usage = addUsage(usage, more);
  });
  const plan = budgetUsd === undefined ? made.plan : splitBudget(made.plan, budgetUsd);
  const unmet = plan.demands ? coverageFaults(request.goal ?? plan.goal, plan) : [];
  const { faults, warnings } = planFindings(plan, { parallelism, skills, map: made.map });
  const red =
    plan.gates.length === 0
      ? []
      : await links.ask({ type: "redOnBase", repo: made.repo, gates: plan.gates, commit: null });
  const redGates = red.map(
    ({ gate, exitCode }) =>
      `the gate \`${gate}\` fails before any work is done (${exitCode === null ? "it did not end" : `exit code ${exitCode}`})`,
  );
  const forecast = await predict(engine, plan, { model: request.model ?? "", runtime: "pi", parallelism });
  return {
    plan: { ...plan, ...(forecast && { forecast }) },
    costUsd: usage.costUsd,
    strategy: made.strategy,
    unmet,
    warnings: [...faults, ...redGates, ...warnings],
  };
}

interface Made {
  plan: Plan;
  strategy: string;
  map: RepoMap;
  repo: string;
}

async function makePlan(
  { links, planner }: PlanParts,
  request: PlanRequest,
  onUsage: (usage: Usage) => void,
): Promise<Made> {
  const {
    goal,
    plan: given,
    model = "",
    parallelism = defaultParallelism,
    skills = [],
    files = [],
    query,
    keepUnmet = false,
  } = request;
  if ((goal === undefined) === (given === undefined)) {
    throw new GodelError("REQUEST_INVALID", "give either a goal or a plan, and exactly one of them.");
  }
  // Only a planner model needs a model.
  const strategy = planStrategy(request.strategy);
  const asks =
    goal !== undefined &&
    strategyOf({ task: goal, parallelism, strategy, filesChosen: filesChosen({ files, query }) }) === "model";
  const { repo } = await links.ask({
    type: "inspect",
    repo: request.repo,
    branch: "",
    model,
    runtime: asks ? "pi" : "command",
  });
  if (goal === undefined) {
    const plan = checkPlan(given);
    checkAgainstTeam({ skills }, plan);
    return { plan, strategy: "plan", map: await links.ask({ type: "map", repo, globs: [], max: maxFiles }), repo };
  }
  return {
    ...(await planner.plan(
      { goal, repo, model, parallelism, skills, strategy, files, query, keepUnmet, team: null },
      onUsage,
    )),
    repo,
  };
}
