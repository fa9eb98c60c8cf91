import { checkPlan, type Plan, type PlanTask, planLimits } from "../../src/model/plan.ts";

interface Field {
  /** What it may hold. */
  type: string;
  about: string;
}

const planFields: Record<keyof Required<Plan>, Field> = {
  goal: { type: "text", about: "What all tasks serve. pi agents are told it beside their own task." },
  gates: {
    type: "list of commands",
    about: "Must pass in the worktree of every attempt before its work is merged. `--gate` adds to them.",
  },
  tasks: { type: `list, 1 to ${number(planLimits.tasks)}`, about: "The vertices of the graph, in any order." },
  forecast: {
    type: "mapping",
    about:
      "What `godel plan` expects of the plan. It is made anew when the plan runs; what a file says of it is not read.",
  },
  demands: {
    type: "list of `quote` and `tasks`",
    about: "What the goal asks for in its own words, and the ids of the tasks that meet it. `godel plan` writes it.",
  },
};

const taskFields: Record<keyof PlanTask, Field> = {
  id: {
    type: `\`[a-z0-9-]\`, at most ${planLimits.idChars} characters`,
    about: "Unique in the plan; starts with a letter or a digit.",
  },
  title: { type: "text", about: "One line; the subject of the commit. Left out: the id." },
  prompt: {
    type: `text, at most ${number(planLimits.promptChars)} characters`,
    about: "What the agent is told. With `--runtime command` it is a shell command.",
  },
  needs: { type: "list of ids", about: "Must be done before this one starts. No cycles." },
  skills: { type: "list of tags", about: "The agent must have all of them (`team spawn --skills`)." },
  files: {
    type: "list of globs",
    about: "What it is expected to touch: tasks that claim the same files do not run side by side.",
  },
  gates: { type: "list of commands", about: "Must pass besides the plan's own, after them." },
  priority: { type: "number", about: "Higher first among tasks whose critical path is equally long." },
  budgetUsd: {
    type: "number, at least 0",
    about: "The most that all its attempts together may spend, in USD. Never overshot.",
  },
  weight: {
    type: "number above 0",
    about: "Expected work beside the other tasks. The critical path and what `godel plan` predicts are counted in it.",
  },
  diff: {
    type: "`required` or `optional`",
    about: "`required`: an attempt that changed nothing has failed. `optional`: it may be right.",
  },
  preferredCost: {
    type: "`low`, `medium` or `high`",
    about:
      "How much cost matters in the choice of an agent and, with `--model auto`, of a model. `high`: not at all, so the best is tried at once. Left out: as its team has it (`team spawn --preferred-cost`).",
  },
};

/** docs/reference/plan.md: types and defaults, the defaults as `checkPlan` fills them in. */
export function planReference(): string {
  const least = checkPlan({ tasks: [{ id: "a", prompt: "p" }] });
  const [task] = least.tasks;
  return `# The plan file

YAML or JSON: what \`team spawn --plan FILE\` reads and \`godel plan\` prints. A field that is not listed here is refused, with
the nearest name offered. [The guide](../guides/plans.md) shows how to write one.

## The plan

${tableOf(planFields, { ...least }, ["tasks"])}

## A task

${tableOf(taskFields, { ...task }, ["id", "prompt"])}

This page is written by \`node scripts/reference.ts\` from \`src/model/plan.ts\`.
`;
}

function tableOf(fields: Record<string, Field>, defaults: Record<string, unknown>, required: string[]): string {
  const rows = Object.entries(fields).map(([name, { type, about }]) => {
    const missing = required.includes(name) ? "required" : defaultOf(name, defaults[name]);
    return `| \`${name}\` | ${type} | ${missing} | ${about} |`;
  });
  return ["| field | type | default | |", "|---|---|---|---|", ...rows].join("\n");
}

function defaultOf(name: string, value: unknown): string {
  if (name === "title") return "the id";
  if (value === null) return "none";
  return `\`${JSON.stringify(value)}\``;
}

function number(value: number): string {
  return value.toLocaleString("en-US");
}
