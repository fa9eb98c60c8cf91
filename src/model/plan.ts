/** The plan: a goal as a graph of tasks. What `--plan` reads, what a planner answers, what `godel plan` prints. */
import { GodelError } from "../lib/errors.ts";
import { type Fields, isFields } from "../lib/json.ts";
import { didYouMean } from "../lib/nearest.ts";
import { isPreferredCost, type PreferredCost, preferredCosts } from "./preferred-cost.ts";

export interface PlanTask {
  id: string;
  title: string;
  prompt: string;
  needs: string[];
  skills: string[];
  files: string[];
  gates: string[];
  priority: number;
  budgetUsd: number | null;
  /** Expected work beside that of the other tasks; 1 is a task as they usually are. */
  weight: number;
  diff: "required" | "optional";
  /** Left out: as its team has it. */
  preferredCost?: PreferredCost;
}

/** A part of the goal, and the tasks that meet it. */
export interface Demand {
  /** As the goal says it. */
  quote: string;
  tasks: string[];
}

export interface Range {
  low: number;
  high: number;
}

/** What was expected of a plan before it ran, so that it can be held against what came. */
export interface Forecast {
  /** Agents that it was made for. */
  parallelism: number;
  /** Ids of the tasks that no number of agents can do side by side, first to last. */
  criticalPath: string[];
  /** The sum of all weights. */
  work: number;
  /** When the last task ends, in units of weight. */
  makespan: number;
  /** Tasks at work, at 24 equal distances in time. */
  width: number[];
  /** Six in ten of past tasks would lead to a time within it, and to a cost; null without any. */
  makespanMs: Range | null;
  costUsd: Range | null;
  /** What time and cost are taken from. */
  basis: string;
}

export interface Plan {
  goal: string;
  gates: string[];
  tasks: PlanTask[];
  /** What the goal asks for, piece by piece; left out of a plan that was not made from one. */
  demands?: Demand[];
  /** Made anew whenever the plan is looked at or run; what a file says of it is not believed. */
  forecast?: Forecast;
}

/** A task with every default filled in. */
export function newPlanTask(task: Partial<PlanTask> & Pick<PlanTask, "id" | "prompt">): PlanTask {
  const none = { title: task.id, needs: [], skills: [], files: [], gates: [], priority: 0, budgetUsd: null };
  return { ...none, weight: 1, diff: "required", ...task };
}

/** Where an agent leaves the parts of a task that is too large for it, as a plan, at the top of its worktree. */
export const splitFile = "godel-split.yaml";

/** Bounds of one plan; a larger one is refused, never cut. */
export const planLimits = { tasks: 100_000, promptChars: 100_000, idChars: 64 } as const;

const taskKeys = [...Object.keys(newPlanTask({ id: "", prompt: "" })), "preferredCost"];
const planKeys = ["goal", "gates", "tasks", "demands", "forecast"];

/**
 * The plan in `value`, every default filled in.
 * Faults of form, of ids and of needs are all named at once; cycles are the dependency resolver's to find.
 * @throws GodelError PLAN_INVALID
 */
export function checkPlan(value: unknown): Plan {
  const faults: string[] = [];
  const plan = readPlan(value, faults);
  if (plan) checkIds(plan, faults);
  if (!plan || faults.length > 0) throw new GodelError("PLAN_INVALID", describeFaults(faults));
  return plan;
}

/** At most ten faults a message: enough to mend, short enough to read. */
export function describeFaults(faults: readonly string[]): string {
  const shown = faults.slice(0, 10).map((fault) => `  - ${fault}`);
  if (faults.length > 10) shown.push(`  - and ${faults.length - 10} more`);
  return `the plan has ${faults.length} ${faults.length === 1 ? "fault" : "faults"}:\n${shown.join("\n")}`;
}

function readPlan(value: unknown, faults: string[]): Plan | undefined {
  if (!isFields(value)) {
    faults.push("a plan is a mapping with `goal` and `tasks`");
    return undefined;
  }
  unknownKeys("the plan", value, planKeys, faults);
  const reader = fieldReader("the plan", value, faults);
  if (!Array.isArray(value.tasks) || value.tasks.length === 0) {
    faults.push("`tasks` must be a list with at least one task");
    return undefined;
  }
  if (value.tasks.length > planLimits.tasks) {
    faults.push(`${value.tasks.length} tasks; at most ${planLimits.tasks} are allowed`);
    return undefined;
  }
  const tasks = value.tasks.map((task, index) => readTask(task, index, faults)).filter((task) => task !== undefined);
  const demands = readDemands(value.demands, faults);
  return { goal: reader.text("goal", ""), gates: reader.list("gates"), tasks, ...(demands && { demands }) };
}

function readDemands(value: unknown, faults: string[]): Demand[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) {
    faults.push("`demands` must be a list");
    return undefined;
  }
  return value.map((demand: unknown, index) => {
    const where = `demand ${index + 1}`;
    const fields = isFields(demand) ? demand : {};
    unknownKeys(where, fields, ["quote", "tasks"], faults);
    const reader = fieldReader(where, fields, faults);
    const quote = reader.text("quote", "");
    if (quote.trim() === "") faults.push(`${where}: \`quote\` is missing`);
    return { quote, tasks: reader.list("tasks") };
  });
}

function readTask(value: unknown, index: number, faults: string[]): PlanTask | undefined {
  if (!isFields(value)) {
    faults.push(`task ${index + 1} is not a mapping`);
    return undefined;
  }
  const id = typeof value.id === "string" ? value.id : "";
  const where = id === "" ? `task ${index + 1}` : `task "${id}"`;
  if (!/^[a-z0-9][a-z0-9-]*$/.test(id) || id.length > planLimits.idChars) {
    faults.push(
      `${where}: \`id\` must be [a-z0-9-], start with a letter or digit, and have at most ${planLimits.idChars} characters`,
    );
  }
  unknownKeys(where, value, taskKeys, faults);
  const reader = fieldReader(where, value, faults);
  const prompt = reader.text("prompt", "");
  if (prompt.trim() === "") faults.push(`${where}: \`prompt\` is missing`);
  if (prompt.length > planLimits.promptChars)
    faults.push(`${where}: \`prompt\` is longer than ${planLimits.promptChars} characters`);
  return {
    id,
    title: reader.text("title", "") || id,
    prompt,
    needs: [...new Set(reader.list("needs"))],
    skills: reader.list("skills"),
    files: reader.list("files"),
    gates: reader.list("gates"),
    priority: reader.number("priority", 0) ?? 0,
    budgetUsd: reader.number("budgetUsd", null, 0),
    weight: readWeight(where, reader.number("weight", 1, 0) ?? 1, faults),
    diff: readDiff(where, value.diff, faults),
    ...readPreferredCost(where, value.preferredCost, faults),
  };
}

function readWeight(where: string, weight: number, faults: string[]): number {
  if (weight > 0) return weight;
  faults.push(`${where}: \`weight\` must be above 0`);
  return 1;
}

function readDiff(where: string, value: unknown, faults: string[]): PlanTask["diff"] {
  if (value === "required" || value === "optional") return value;
  if (value !== undefined) faults.push(`${where}: \`diff\` must be required or optional`);
  return "required";
}

function readPreferredCost(where: string, value: unknown, faults: string[]): Pick<PlanTask, "preferredCost"> {
  if (isPreferredCost(value)) return { preferredCost: value };
  if (value != null) faults.push(`${where}: \`preferredCost\` must be one of ${preferredCosts.join(", ")}`);
  return {};
}

function checkIds({ tasks, demands = [] }: Plan, faults: string[]): void {
  const ids = new Set<string>();
  for (const task of tasks) {
    if (ids.has(task.id)) faults.push(`the id "${task.id}" is given to more than one task`);
    ids.add(task.id);
  }
  for (const task of tasks) {
    for (const need of task.needs) {
      if (!ids.has(need)) faults.push(`task "${task.id}" needs "${need}", which no task has.${didYouMean(need, ids)}`);
    }
  }
  for (const { quote, tasks: named } of demands) {
    for (const id of named) {
      if (!ids.has(id)) faults.push(`the demand "${quote}" names "${id}", which no task has.${didYouMean(id, ids)}`);
    }
  }
}

function unknownKeys(where: string, value: Fields, known: readonly string[], faults: string[]): void {
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) faults.push(`${where}: unknown field \`${key}\`.${didYouMean(key, known)}`);
  }
}

function fieldReader(where: string, value: Fields, faults: string[]) {
  return {
    text(key: string, missing: string): string {
      const field = value[key] ?? missing;
      if (typeof field === "string") return field;
      faults.push(`${where}: \`${key}\` must be text`);
      return missing;
    },
    list(key: string): string[] {
      const field = value[key] ?? [];
      if (Array.isArray(field) && field.every((item) => typeof item === "string")) return field;
      faults.push(`${where}: \`${key}\` must be a list of texts`);
      return [];
    },
    number(key: string, missing: number | null, low = Number.NEGATIVE_INFINITY): number | null {
      const field = value[key] ?? missing;
      if (field === null || (typeof field === "number" && Number.isFinite(field) && field >= low)) return field;
      faults.push(`${where}: \`${key}\` must be a number${low === 0 ? " of at least 0" : ""}`);
      return missing;
    },
  };
}
