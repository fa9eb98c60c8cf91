/** A plan as people read it: each task once, below the last of its needs. */
import type { PlanAnswer } from "../../api/plan-wire.ts";
import type { Plan, PlanTask } from "../../model/plan.ts";
import type { Output } from "../terminal.ts";
import { duration, plural, usd } from "./format.ts";
import { cutStyled, padEnd, type Style, widthOf } from "./style.ts";
import { facts } from "./table.ts";

export type PlanView = Pick<PlanAnswer, "plan">;

export function planTree({ plan }: PlanView, { style, width }: Pick<Output, "style" | "width">): string {
  const critical = new Set(plan.forecast?.criticalPath);
  const lines = [...branches(plan.tasks, critical, style)];
  const left = Math.min(
    60,
    lines.reduce((most, [name]) => Math.max(most, widthOf(name)), 0),
  );
  const rows = lines.map(([name, rest]) => cutStyled(`  ${padEnd(name, left)}  ${rest}`.trimEnd(), width));
  const gates = plan.gates.length === 0 ? [] : ["", `  ${style.dim("gates")}  ${plan.gates.join("; ")}`];
  return `${style.bold(firstLine(plan.goal) || "A plan")}\n\n${[...rows, ...gates].join("\n")}\n${forecastText(plan, style)}${demandsText(plan, style)}`;
}

/** Each task's name with its branch, and what is said of it. Depth first, without recursion: a chain may be long. */
function* branches(
  tasks: readonly PlanTask[],
  critical: ReadonlySet<string>,
  style: Style,
): Generator<[string, string]> {
  const below = childrenOf(tasks);
  const roots = below.get("") ?? [];
  const open = roots.toReversed().map((task) => ({ task, indent: "", branch: "" }));
  for (let next = open.pop(); next; next = open.pop()) {
    const { task, indent, branch } = next;
    const name = critical.has(task.id) ? style.bold(task.id) : task.id;
    yield [`${style.dim(indent + branch)}${name}`, describe(task, branch === "" ? "" : parentOf(task), style)];
    const inner = branch === "" ? indent : indent + (branch.startsWith("└") ? "   " : "│  ");
    const children = below.get(task.id) ?? [];
    for (const [i, child] of children.toReversed().entries()) {
      open.push({ task: child, indent: inner, branch: i === 0 ? "└─ " : "├─ " });
    }
  }
}

function describe({ title, id, needs, weight, budgetUsd }: PlanTask, parent: string, style: Style): string {
  const also = needs.filter((need) => need !== parent);
  const facts = [
    ...(also.length > 0
      ? [`also needs ${also.slice(0, 4).join(", ")}${also.length > 4 ? ` and ${also.length - 4} more` : ""}`]
      : []),
    ...(weight === 1 ? [] : [`weight ${weight}`]),
    ...(budgetUsd === null ? [] : [usd(budgetUsd)]),
  ];
  const said = title === id ? "" : title;
  return [said, facts.length > 0 ? style.dim(`(${facts.join("; ")})`) : ""].filter((part) => part !== "").join("  ");
}

/** A task stands below the last of its needs. */
function parentOf({ needs }: PlanTask): string {
  return needs.at(-1) ?? "";
}

function childrenOf(tasks: readonly PlanTask[]): Map<string, PlanTask[]> {
  const below = new Map<string, PlanTask[]>();
  for (const task of tasks) {
    const siblings = below.get(parentOf(task));
    if (siblings) siblings.push(task);
    else below.set(parentOf(task), [task]);
  }
  return below;
}

/** Eighths of a line's height. */
const bars = " ▁▂▃▄▅▆▇█";

function forecastText({ forecast, tasks }: Plan, style: Style): string {
  if (!forecast) return "";
  const { parallelism, criticalPath, makespan, work, width, makespanMs, costUsd, basis } = forecast;
  const most = Math.max(1, ...width);
  const line = width.map((wide) => bars[Math.ceil((wide / most) * (bars.length - 1))]).join("");
  const took = makespanMs && `${duration(makespanMs.low)} to ${duration(makespanMs.high)}`;
  const cost = costUsd && `${usd(costUsd.low)} to ${usd(costUsd.high)}`;
  const path = `${criticalPath.length} of ${plural(tasks.length, "task")}, ${round(makespan)} of ${round(work)} units of work`;
  const expected = took ? `${took}, ${cost}` : "no time and no cost yet";
  return `\n${facts(
    [
      ["critical path", path],
      ["side by side", `${line}  ${style.dim(`at most ${most} of ${plural(parallelism, "agent")}`)}`],
      ["expected", `${expected}  ${style.dim(`(${basis})`)}`],
    ],
    style,
  )}`;
}

function round(units: number): string {
  return String(Math.round(units * 10) / 10);
}

function demandsText({ demands = [] }: Plan, style: Style): string {
  if (demands.length === 0) return "";
  const lines = demands.map(({ quote, tasks }) => {
    const by = tasks.length > 5 ? plural(tasks.length, "task") : tasks.join(", ");
    return `  “${firstLine(quote)}”  ${style.dim(by || "no task")}`;
  });
  return `\n${style.dim("The goal asks")}\n${lines.join("\n")}\n`;
}

function firstLine(text: string): string {
  return text.trim().split("\n")[0] ?? "";
}

/** `12 tasks, planned by a model for $0.031` */
export function planSummary({ plan, costUsd, strategy }: PlanAnswer): string {
  const by = { model: "by a model", files: "by files", checklist: "by the checklist", plan: "as the file says" }[
    strategy
  ];
  return `${plural(plan.tasks.length, "task")}, planned ${by ?? strategy} for ${usd(costUsd)}`;
}

/** What a person should know before the plan runs, a line each. */
export function planNotes({ warnings, unmet }: PlanAnswer, style: Style): string {
  const lines = [
    ...unmet.map((fault) => [style.red("undone:"), fault]),
    ...warnings.map((warning) => [style.yellow("note:"), warning]),
  ];
  return lines.map(([mark, text]) => `${mark} ${text}\n`).join("");
}

/** As a Mermaid flowchart, for Markdown. */
export function planMermaid({ plan }: PlanView): string {
  const criticalPath = plan.forecast?.criticalPath ?? [];
  const node = new Map(plan.tasks.map(({ id }, i) => [id, `t${i}`]));
  const nodes = plan.tasks.map(
    ({ id, title }) => `  ${node.get(id)}["${title.replaceAll('"', "#quot;").replaceAll("\n", " ")}"]`,
  );
  const edges = plan.tasks.flatMap(({ id, needs }) => needs.map((need) => `  ${node.get(need)} --> ${node.get(id)}`));
  const marked = criticalPath.map((id) => node.get(id));
  const style =
    marked.length === 0 ? [] : ["  classDef critical stroke-width:3px", `  class ${marked.join(",")} critical`];
  return `${["flowchart LR", ...nodes, ...edges, ...style].join("\n")}\n`;
}
