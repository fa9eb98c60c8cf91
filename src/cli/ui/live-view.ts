/** The live view: what is worth knowing of a team, in the few lines of a terminal. Pure; `Screen` draws it. */
import type { AtWork } from "../../api/stream-wire.ts";
import type { TeamStatus } from "../../api/wire.ts";
import { shortAgent } from "./event-text.ts";
import { counts, duration, spending, stateColour, usd } from "./format.ts";
import { cut, cutStyled, padEnd, type Style } from "./style.ts";

export interface View {
  status: TeamStatus;
  slowest: readonly AtWork[];
  /** The newest last, in colour. */
  events: readonly string[];
  /** Said in place of the key hints: the engine is away. */
  notice: string;
}

export interface Size {
  width: number;
  height: number;
}

const maxEvents = 6;
/** Lines that are always there: title, bar, counts, hint, and the gaps between them. */
const fixedLines = 9;

export function liveView(view: View, size: Size, style: Style): string[] {
  const width = Math.min(size.width, 120);
  const room = Math.max(0, size.height - fixedLines - 1 - view.status.alerts.length);
  const shownEvents = Math.min(maxEvents, view.events.length, Math.ceil(room / 2));
  const events = view.events.slice(view.events.length - shownEvents);
  const work = workLines(view, width, style).slice(0, room - shownEvents);
  return [
    "",
    titleLine(view.status, width, style),
    "",
    barLine(view.status, width, style),
    cutStyled(countLine(view.status, style), width),
    ...view.status.alerts.map((alert) => style.yellow(cut(`! ${alert}`, width))),
    ...section(work),
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
  const { total, desired: _desired, lost: _lost, min, max, ...states } = agents;
  const size = min === max ? `${total}` : `${total} (${min} to ${max})`;
  return [
    counts(open) || "nothing open",
    `${style.dim("agents")} ${size}: ${counts(states) || "none yet"}`,
    `${spending(cost.spentUsd, cost.budgetUsd)}${style.dim(pace(cost))}`,
  ].join(style.dim("  │  "));
}

/** What it comes to if it goes on like this. */
function pace({ perTaskUsd, burnUsdPerHour, forecastUsd }: TeamStatus["cost"]): string {
  const task = perTaskUsd ? [`${usd(perTaskUsd)} a task`] : [];
  const burn = burnUsdPerHour > 0 ? [`${usd(burnUsdPerHour)} an hour`] : [];
  const all = forecastUsd ? [`${usd(forecastUsd)} in all`] : [];
  const parts = [...task, ...burn, ...all];
  return parts.length === 0 ? "" : ` (${parts.join(", ")})`;
}

/** The slowest first: what to look at, if at anything. */
function workLines({ slowest }: View, width: number, style: Style): string[] {
  const rows = slowest.map(({ agent, forMs, ...work }) => ({
    ...work,
    agent: shortAgent(agent),
    time: duration(forMs),
  }));
  const widest = (text: (row: (typeof rows)[number]) => string) => Math.max(0, ...rows.map((row) => text(row).length));
  const agents = widest(({ agent }) => agent);
  const times = widest(({ time }) => time);
  const tasks = Math.min(
    30,
    widest(({ task }) => task),
  );
  return rows.map(({ agent, time, task, activity }) => {
    const head = `  ${style.cyan(padEnd(agent, agents))}  ${time.padStart(times)}  ${padEnd(cut(task, tasks), tasks)}  `;
    return head + style.dim(cut(activity, Math.max(0, width - agents - times - tasks - 8)));
  });
}
