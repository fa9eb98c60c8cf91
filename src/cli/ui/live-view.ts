/** The live view: what is worth knowing of a team, in the few lines of a terminal. Pure; `Screen` draws it. */
import type { TeamStatus } from "../../api/wire.ts";
import { shortAgent } from "./event-text.ts";
import { counts, duration, spending, stateColour, usd } from "./format.ts";
import { cut, padEnd, type Style } from "./style.ts";

export interface View {
  status: TeamStatus;
  activities: readonly { agent: string; text: string }[];
  /** The newest last, in colour. */
  events: readonly string[];
  /** Said in place of the key hints: the engine is away. */
  notice: string;
}

export interface Size {
  width: number;
  height: number;
}

const maxAgents = 8;
const maxEvents = 6;
/** Lines that are always there: title, bar, counts, hint, and the gaps between them. */
const fixedLines = 9;

export function liveView(view: View, size: Size, style: Style): string[] {
  const width = Math.min(size.width, 120);
  const room = Math.max(0, size.height - fixedLines - 1 - view.status.alerts.length);
  const shownEvents = Math.min(maxEvents, view.events.length, Math.ceil(room / 2));
  const events = view.events.slice(view.events.length - shownEvents);
  const agents = agentLines(view, width, style).slice(0, Math.min(maxAgents, room - shownEvents));
  return [
    "",
    titleLine(view.status, width, style),
    "",
    barLine(view.status, width, style),
    countLine(view.status, style),
    ...view.status.alerts.map((alert) => style.yellow(cut(`! ${alert}`, width))),
    ...section(agents),
    ...section(events.map((event) => `  ${event}`)),
    "",
    style.dim(view.notice || "Ctrl-C leaves the team running"),
  ];
}

function section(lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ["", ...lines];
}

function titleLine({ team, timing }: TeamStatus, width: number, style: Style): string {
  const state = `${stateColour(style, team.state)}  ${duration(timing.elapsedMs)}`;
  const goal = cut(team.goal, Math.max(0, width - team.name.length - 24));
  return `${style.bold(team.name)}  ${state}  ${style.dim(goal)}`;
}

/** Done, then what is being worked on, then what failed, then the rest. */
function barLine({ tasks }: TeamStatus, width: number, style: Style): string {
  const label = `${tasks.done}/${tasks.total} tasks`;
  const length = Math.max(10, Math.min(60, width - label.length - 2));
  const cells = (count: number) => Math.round((count / Math.max(1, tasks.total)) * length);
  const done = cells(tasks.done);
  const bad = Math.min(length - done, cells(tasks.failed + tasks.skipped + tasks.cancelled));
  const open = Math.min(length - done - bad, cells(tasks.running + tasks.verifying + tasks.merging));
  const rest = length - done - bad - open;
  const bar = [
    style.green("█".repeat(done)),
    style.cyan("▓".repeat(open)),
    style.red("█".repeat(bad)),
    style.dim("░".repeat(rest)),
  ];
  return `${bar.join("")}  ${label}`;
}

function countLine({ tasks, agents, cost }: TeamStatus, style: Style): string {
  const { total: _total, done: _done, ...open } = tasks;
  const { total, desired: _desired, lost: _lost, ...states } = agents;
  const perTask = !cost.perTaskUsd ? "" : style.dim(` ${usd(cost.perTaskUsd)} a task`);
  return [
    counts(open) || "nothing open",
    `${style.dim("agents")} ${total}: ${counts(states) || "none yet"}`,
    `${spending(cost.spentUsd, cost.budgetUsd)}${perTask}`,
  ].join(style.dim("  │  "));
}

function agentLines({ activities }: View, width: number, style: Style): string[] {
  const longest = Math.max(2, ...activities.map(({ agent }) => shortAgent(agent).length));
  return activities.map(({ agent, text }) => {
    const name = padEnd(shortAgent(agent), longest);
    return `  ${style.cyan(name)}  ${cut(text, width - longest - 4)}`;
  });
}
