/** Flags and arguments that many commands take. */
import { amount, maxAgents, planStrategyName, planStrategyNames, text, whole } from "../parse.ts";

export const json = { kind: "boolean", optional: true, withNegated: false, brief: "Print JSON, for programs" } as const;

export const noArguments = { kind: "tuple", parameters: [] } as const;

const teamBrief = "Name or id; may be left out with one live team";

export const teamArgument = {
  kind: "tuple",
  parameters: [{ placeholder: "team", brief: teamBrief, parse: text("TEAM"), optional: true }],
} as const;

export const teamFlag = {
  kind: "parsed",
  parse: text("--team"),
  optional: true,
  placeholder: "TEAM",
  brief: teamBrief,
} as const;

export const taskArgument = {
  kind: "tuple",
  parameters: [{ placeholder: "task", brief: "KEY, TEAM/KEY or id of the task", parse: text("TASK") }],
} as const;

export const agentArgument = {
  kind: "tuple",
  parameters: [{ placeholder: "agent", brief: "Id of the agent, or aN with one live team", parse: text("AGENT") }],
} as const;

export const agentsRange = `1 to ${maxAgents}`;

/** A flag that takes one value. */
export function value<T>(placeholder: string, brief: string, parse: (text: string) => T) {
  return { kind: "parsed", parse, placeholder, brief } as const;
}

/** The same, which may be left out. */
export function optional<T>(placeholder: string, brief: string, parse: (text: string) => T) {
  return { kind: "parsed", parse, placeholder, brief, optional: true } as const;
}

/** What a team is due beside others. */
export const shareFlags = {
  weight: optional(
    "N",
    "Its part of what teams share, agents and turns at a provider, beside 1 of others, 0.1 to 100  [default = 1]",
    amount("--weight", 0.1, 100),
  ),
  priority: optional(
    "N",
    "Teams of a higher one come first, -10 to 10; none is left with nothing  [default = 0]",
    whole("--priority", -10, 10),
  ),
} as const;

/** How a goal is split into tasks. */
export const planningFlags = {
  strategy: optional(
    planStrategyNames.join("|"),
    "How the goal is split: by a planner model, over files, or as the Markdown list that it is  [default = auto]",
    planStrategyName,
  ),
  files: {
    ...value(
      "GLOB",
      "The work is the same in all of these files; may be given again, !GLOB leaves out",
      text("--files"),
    ),
    variadic: true,
    optional: true,
  },
  query: optional("REGEX", "The same, in all files with a line that matches it, as grep -E does", text("--query")),
} as const;
