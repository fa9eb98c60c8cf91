/** A team in words: the summary at the end of a run, and what `team status` prints. */

import type { TeamStatus } from "../../api/wire.ts";
import { evenShare } from "../../model/share.ts";
import { teamEnded } from "../../model/states.ts";
import { tokenCount } from "../../model/usage.ts";
import { amount, counts, duration, parkedText, plural, shellWord, spending, stateColour, usd } from "./format.ts";
import type { Style } from "./style.ts";
import { facts } from "./table.ts";

export function teamText(status: TeamStatus, style: Style): string {
  const { team, timing } = status;
  const mark = team.state === "done" ? style.green("✓ ") : teamEnded(team.state) ? style.red("✗ ") : "";
  const head = `${mark}${style.bold(team.name)}  ${stateColour(style, team.state)}  ${duration(timing.elapsedMs)}`;
  const lines = facts(
    [
      ["goal", team.goal.split("\n")[0] ?? ""],
      ...status.alerts.map((alert): [string, string] => ["alert", style.yellow(alert)]),
      ["why", team.state === "done" ? "" : team.reason],
      ["tasks", taskLine(status)],
      ["agents", agentLine(status)],
      ...status.parked.map((each): [string, string] => [
        "parked",
        `${plural(each.agents, "agent")}, ${parkedText(each)}`,
      ]),
      ["asks", status.parked.some(({ asks }) => asks) ? style.yellow(question(team.name)) : ""],
      ["size", sizeLine(status)],
      ["share", shareLine(status)],
      ["cost", costLine(status)],
      ...tierLines(status),
      [
        "expected",
        timing.expectedMs ? `${duration(timing.expectedMs.low)} to ${duration(timing.expectedMs.high)}` : "",
      ],
      ["model", [modelName(team.model), team.runtime].filter(Boolean).join(" on ")],
      ["branch", `${team.branch}  ${style.dim(`git -C ${shellWord(team.repo)} log ${team.branch}`)}`],
    ],
    style,
  );
  return `${head}\n${lines}`;
}

function question(name: string): string {
  const command = `godel team answer ${shellWord(name)}`;
  return `all their providers are out; what now? \`${command} --model PROVIDER/ID\`, \`--give-up\`, or wait`;
}

/** What `auto` has learnt, a line for each tier. */
function tierLines({ tiers }: TeamStatus): [string, string][] {
  return tiers.map(({ name, model, costUsd, chances }) => {
    const learnt = chances.map(({ skill, retried, chance, outcomes }) => {
      const of = [skill, retried ? "after a failure" : ""].filter(Boolean).join(" ");
      return `${Math.round(chance * 100)}%${of && ` ${of}`} of ${outcomes}`;
    });
    const shown = name === model ? model : `${name} (${model})`;
    return [
      "tier",
      [shown, `${usd(costUsd)} a try`, ...(learnt.length > 0 ? learnt : ["nothing learnt yet"])].join(", "),
    ];
  });
}

/** The demo model says what it is wherever it is named. */
function modelName(model: string): string {
  return model === "demo" || model.startsWith("demo/") ? `${model} (scripted, no AI)` : model;
}

export function taskLine({ tasks }: TeamStatus): string {
  const { total, done, ...rest } = tasks;
  return [`${done} of ${total} done`, counts(rest)].filter(Boolean).join(", ");
}

/** Of a team that has ended, only what went wrong with them: that they leave is no news. */
function agentLine({ agents, timing, team }: TeamStatus): string {
  const { desired, min: _min, max: _max, total, lost: _lost, failed, ...states } = agents;
  const ready = timing.allReadyMs === null ? "" : `all ready after ${duration(timing.allReadyMs)}`;
  const now = teamEnded(team.state) ? [String(desired)] : [`${total} of ${desired}`, counts(states)];
  return [...now, counts({ failed }), ready].filter(Boolean).join(", ");
}

/** Of a team whose size follows its work: its bounds, and the last change. */
function sizeLine({ agents, scaling, team }: TeamStatus): string {
  if (agents.min === agents.max || teamEnded(team.state)) return "";
  return [`${agents.min} to ${agents.max}`, scaling?.why].filter(Boolean).join(": ");
}

/** Of a team that is due more or less than others, or that has fewer agents than it wants for them. */
function shareLine({ team, agents, share: { weight, priority, agents: due } }: TeamStatus): string {
  if (teamEnded(team.state)) return "";
  const isEven = weight === evenShare.weight && priority === evenShare.priority;
  const less =
    due === null || due >= agents.desired
      ? ""
      : `${due} of ${plural(agents.desired, "agent")}, as all teams together want more than there are`;
  return [isEven ? "" : `weight ${weight}, priority ${priority}`, less].filter(Boolean).join(": ");
}

function costLine({ cost, team }: TeamStatus): string {
  const tokens = tokenCount(cost.tokens);
  return [
    spending(cost.spentUsd, cost.budgetUsd),
    cost.reservedUsd === 0 ? "" : `${usd(cost.reservedUsd)} reserved`,
    !cost.perTaskUsd ? "" : `${usd(cost.perTaskUsd)} a task`,
    tokens === 0
      ? ""
      : `${amount(tokens)}${cost.budgetTokens === null ? "" : ` of ${amount(cost.budgetTokens)}`} tokens`,
    cost.burnUsdPerHour === 0 ? "" : `${usd(cost.burnUsdPerHour)} an hour`,
    teamEnded(team.state) || !cost.forecastUsd ? "" : `${usd(cost.forecastUsd)} forecast in all`,
  ]
    .filter(Boolean)
    .join(", ");
}

/** One line for a log, when something has changed. */
export function progressLine(status: TeamStatus): string {
  const { tasks, agents, cost } = status;
  const open = counts({ running: tasks.running, verifying: tasks.verifying, merging: tasks.merging });
  const bad = counts({ failed: tasks.failed, skipped: tasks.skipped, cancelled: tasks.cancelled });
  const parts = [
    `${tasks.done}/${tasks.total} tasks done`,
    open,
    bad,
    plural(agents.total, "agent"),
    spending(cost.spentUsd, cost.budgetUsd),
  ];
  return parts.filter(Boolean).join(" · ");
}
