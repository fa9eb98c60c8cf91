import { inRange } from "../../lib/options.ts";
import { costFactors, type PreferredCost, usualCost } from "../../model/preferred-cost.ts";
import type { SelectorOptions } from "./options.ts";

/** A skill, or one at no less than a level from 0 to 1. */
export type SkillDemand = string | { skill: string; level: number };

export interface SelectionRequest {
  /** What is to be done. Nothing is chosen by it. */
  task?: string;
  /** Default none. */
  requiredSkills?: readonly SkillDemand[];
  runtime?: string;
  /** Tiers of models that will do. Default any. */
  tiers?: readonly string[];
  /** Expected work, beside other tasks. Default 1. */
  work?: number;
  /** What the task may cost, in USD. Default Infinity. */
  budgetUsd?: number;
  /** `low`: cost counts three times as much; `high`: not at all, what counts is the work. Default `medium`. */
  preferredCost?: PreferredCost;
  /** The id of one that does not get it. */
  except?: string;
  /** The agent that had it before has its context. */
  session?: string;
  /** Globs of what is worked on: not while another task works on what overlaps. */
  files?: readonly string[];
}

/** What of a request is the same for many: agents are ranked once for all of them. */
export interface Wanted {
  key: string;
  skills: readonly { skill: string; level: number }[];
  runtime: string | undefined;
  tiers: readonly string[] | undefined;
  /** To two digits, so that tasks of about a size are alike. */
  work: number;
  cost: PreferredCost;
}

/** Weights of a request in proportion, so that a score is from 0 to 1. */
export interface Shares {
  skill: number;
  load: number;
  cost: number;
  speed: number;
  reliability: number;
  session: number;
  files: number;
}

export function sharesOf(options: SelectorOptions, cost: Wanted["cost"]): Shares {
  const weights = {
    skill: options.skillWeight,
    load: options.loadWeight,
    cost: options.costWeight * costFactors[cost],
    speed: options.speedWeight,
    reliability: options.reliabilityWeight,
    session: options.sessionWeight,
    files: options.filesWeight,
  };
  const sum = Object.values(weights).reduce((total, weight) => total + weight, 0) || 1;
  return Object.fromEntries(Object.entries(weights).map(([name, weight]) => [name, weight / sum])) as unknown as Shares;
}

/** Names what requests have in common; cheap, for it is asked of each. */
export function keyOf({ requiredSkills, runtime, tiers, work, preferredCost }: SelectionRequest): string {
  let key = `${preferredCost ?? usualCost}\n${rounded(work ?? 1)}\n${runtime ?? ""}\n${tiers ? tiers.join("\t") : ""}`;
  if (requiredSkills) {
    for (const demand of requiredSkills) {
      key += typeof demand === "string" ? `\n${demand}` : `\n${demand.skill}\t${demand.level}`;
    }
  }
  return key;
}

/** @throws GodelError OPTION_RANGE */
export function wantedOf(request: SelectionRequest, key: string): Wanted {
  const skills = (request.requiredSkills ?? []).map((demand) =>
    typeof demand === "string" ? { skill: demand, level: 0 } : demand,
  );
  for (const { skill, level } of skills) inRange(`the level of "${skill}"`, level, 0, 1);
  return {
    key,
    skills,
    runtime: request.runtime,
    tiers: request.tiers,
    work: rounded(inRange("work", request.work ?? 1, 0, Number.MAX_VALUE)),
    cost: request.preferredCost ?? usualCost,
  };
}

function rounded(work: number): number {
  return work === 1 ? 1 : Number(work.toPrecision(2));
}
