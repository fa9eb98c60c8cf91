import { resolve } from "node:path";
import type { PlanRequest } from "../api/plan-wire.ts";
import { GodelError } from "../lib/errors.ts";
import type { JsonFlag } from "./cli.ts";
import { readPlanFile } from "./plan-file.ts";

export interface PlanFlags extends JsonFlag {
  plan?: string;
  repo?: string;
  model?: string;
  strategy?: string;
  files?: string[];
  query?: string;
  parallelism?: number;
  skills?: string[];
  budget?: number;
  yaml?: boolean;
  mermaid?: boolean;
  tree?: boolean;
  interactive?: boolean;
}

const planForms = ["json", "yaml", "mermaid", "tree"] as const;

export type PlanForm = (typeof planForms)[number];

/** How a plan is to be printed. Where nobody looks it is what `team spawn --plan` reads. @throws GodelError REQUEST_INVALID when several ways are given */
export function planForm(flags: PlanFlags, live: boolean): PlanForm {
  const given = planForms.filter((form) => flags[form]);
  if (given.length > 1) throw new GodelError("REQUEST_INVALID", `give one of --${given.join(" and --")}.`);
  return given[0] ?? (live ? "tree" : "yaml");
}

/** What the flags ask for, checked as far as can be without an engine. */
export function planRequest(flags: PlanFlags, goal: string | undefined, cwd: string): PlanRequest {
  const { plan, repo, model, strategy, files, query, parallelism, skills, budget } = flags;
  if ((goal === undefined) === (plan === undefined)) {
    const fault = goal === undefined ? "neither is given" : "both are given";
    throw new GodelError("REQUEST_INVALID", `give either TEXT or --plan FILE: ${fault}.`);
  }
  const how = {
    repo: resolve(cwd, repo ?? "."),
    model,
    strategy,
    files,
    query,
    parallelism,
    skills,
    budgetUsd: budget,
    keepUnmet: flags.interactive,
  };
  return { ...how, ...(plan === undefined ? { goal } : { plan: readPlanFile(plan, cwd) }) };
}
