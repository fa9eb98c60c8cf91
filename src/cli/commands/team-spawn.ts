import type { TaskSummary, TeamStatus } from "../../api/wire.ts";
import { exitCodes } from "../../lib/errors.ts";
import { type Cli, print } from "../cli.ts";
import { Client } from "../client.ts";
import { type Display, displayFor, followTeam } from "../follow-team.ts";
import { onInterrupt } from "../interrupt.ts";
import { SpawnDisplay } from "../spawn-display.ts";
import { type SpawnFlags, spawnRequest } from "../spawn-request.ts";
import { ensureEngine } from "../start-engine.ts";
import { outcomeOf } from "../team-outcome.ts";
import type { Output } from "../terminal.ts";
import { Steps } from "../ui/steps.ts";
import { type Column, table } from "../ui/table.ts";
import { teamText } from "../ui/team-text.ts";

/** Tasks shown of a plan that a model wrote. */
const maxPlanLines = 30;

export default async function teamSpawn(this: Cli, flags: SpawnFlags): Promise<void> {
  const request = spawnRequest(flags, this.cwd);
  const quiet = flags.json === true;
  const steps = new Steps(this.err, quiet);
  await ensureEngine(this, steps);
  const accepted = await Client.of(this.home).post<TeamStatus>("/api/v1/teams", request);
  if (flags.detach)
    return print(this, flags, accepted, () => `${accepted.team.name} is accepted.\n${comeBack(accepted)}`);
  const work = displayFor(this, quiet);
  await follow(this, flags, accepted, quiet ? work : spawnDisplay(this, steps, work, accepted.team.id));
}

async function follow(cli: Cli, flags: SpawnFlags, accepted: TeamStatus, display: Display): Promise<void> {
  const { signal, release } = onInterrupt();
  try {
    const status = (await followTeam(cli, { team: accepted.team.id, display, signal })) ?? accepted;
    print(cli, flags, status, () => (signal.aborted ? "" : `\n${teamText(status, cli.out.style)}`));
    if (signal.aborted) cli.err.write(`\nThe team goes on without you.\n${comeBack(status)}`);
    cli.exitCode = signal.aborted ? exitCodes.interrupted : await outcomeOf(cli, status);
  } finally {
    release();
  }
}

function spawnDisplay(cli: Cli, steps: Steps, work: Display, team: string): Display {
  return new SpawnDisplay({
    steps,
    work,
    listTasks: () => Client.of(cli.home).list<TaskSummary>(`/api/v1/tasks?team=${team}`),
    planText: (tasks) => planText(tasks, cli.err),
  });
}

function planText(tasks: readonly TaskSummary[], { width, style }: Output): string {
  const rest = tasks.length - maxPlanLines;
  const more = rest > 0 ? style.dim(`and ${rest} more: godel task list\n`) : "";
  return `\n${table(tasks.slice(0, maxPlanLines), planColumns, width, style)}${more}`;
}

const planColumns: Column<TaskSummary>[] = [
  { title: "TASK", cell: (task) => task.key },
  { title: "NEEDS", cell: (task) => task.needs.join(" ") || "-" },
  { title: "TITLE", cell: (task) => task.title, flexible: true },
];

function comeBack({ team }: TeamStatus): string {
  return `  See it again:  godel team status ${team.name} --watch\n  Stop it:       godel team kill ${team.name}\n`;
}
