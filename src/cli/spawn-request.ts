import { resolve } from "node:path";
import type { SpawnRequest } from "../api/wire.ts";
import { GodelError } from "../lib/errors.ts";
import type { PreferredCost } from "../model/preferred-cost.ts";
import { readPlanFile } from "./plan-file.ts";

export interface SpawnFlags {
  count: number;
  task?: string;
  plan?: string;
  strategy?: string;
  files?: string[];
  query?: string;
  name?: string;
  repo?: string;
  budget?: number;
  budgetTokens?: number;
  model?: string;
  preferredCost?: PreferredCost;
  runtime?: string;
  skills?: string[];
  min?: number;
  max?: number;
  weight?: number;
  priority?: number;
  gate?: string[];
  interactive?: boolean;
  detach?: boolean;
  json?: boolean;
}

/** What the flags ask for, checked as far as can be without an engine. */
export function spawnRequest(flags: SpawnFlags, cwd: string): SpawnRequest {
  const { count, task, plan, min = count, max = count } = flags;
  if ((task === undefined) === (plan === undefined)) {
    const fault = task === undefined ? "neither is given" : "both are given";
    throw new GodelError("REQUEST_INVALID", `give either --task TEXT or --plan FILE: ${fault}.`);
  }
  const splits = [flags.strategy, flags.files, flags.query].some((flag) => flag !== undefined);
  if (plan !== undefined && splits) {
    throw new GodelError(
      "REQUEST_INVALID",
      "--strategy, --files and --query split a --task; a --plan is split already.",
    );
  }
  if (!(min <= count && count <= max)) {
    throw new GodelError(
      "OPTION_RANGE",
      `--min ${min}, --count ${count} and --max ${max} must not fall in this order.`,
    );
  }
  return {
    repo: resolve(cwd, flags.repo ?? "."),
    count,
    min,
    max,
    weight: flags.weight,
    priority: flags.priority,
    name: flags.name,
    budgetUsd: flags.budget ?? null,
    budgetTokens: flags.budgetTokens ?? null,
    model: flags.model,
    preferredCost: flags.preferredCost,
    runtime: flags.runtime,
    skills: flags.skills,
    gates: flags.gate,
    strategy: flags.strategy,
    files: flags.files,
    query: flags.query,
    ...(plan === undefined ? { task } : { plan: readPlanFile(plan, cwd) }),
  };
}
