/**
 * The stages that a new team goes through, told as steps: planning (only without a plan), spawning until all agents
 * are ready, distributing until work has begun. An end, or an agent that does not come up, ends the stage early.
 */
import type { TaskSummary, TeamStatus } from "../api/wire.ts";
import type { Cli } from "./cli.ts";
import { Client } from "./client.ts";
import { displayFor, followTeam } from "./follow-team.ts";
import { counts, duration, plural } from "./ui/format.ts";
import type { Steps } from "./ui/steps.ts";
import { table } from "./ui/table.ts";

export interface StageParts {
  cli: Cli;
  steps: Steps;
  quiet: boolean;
  signal: AbortSignal;
}

/** The status after the last stage, or the last one seen. */
export async function showStages(accepted: TeamStatus, parts: StageParts): Promise<TeamStatus> {
  const { steps } = parts;
  let status = accepted;
  if (status.team.state === "planning") {
    status = await stage("Planning", status, (now) => now.team.state !== "planning", parts);
    if (status.tasks.total > 0) {
      steps.done(plural(status.tasks.total, "task"));
      await showPlan(status, parts);
    }
  }
  if (parts.signal.aborted || status.tasks.total === 0) return status;

  const agents = `Spawning ${plural(status.agents.desired, "agent")}`;
  status = await stage(agents, status, ({ timing, agents }) => timing.allReadyMs !== null || agents.failed > 0, parts);
  steps.done(readiness(status));

  status = await stage(`Distributing ${plural(status.tasks.total, "task")}`, status, hasBegun, parts);
  steps.done(counts({ running: status.tasks.running, blocked: status.tasks.blocked, queued: status.tasks.queued }));
  return status;
}

async function stage(
  text: string,
  status: TeamStatus,
  over: (status: TeamStatus) => boolean,
  { cli, steps, quiet, signal }: StageParts,
): Promise<TeamStatus> {
  steps.begin(text);
  if (signal.aborted || over(status)) return status;
  const { link } = displayFor(cli, quiet);
  const display = { frame() {}, link, close() {} };
  const last = await followTeam(cli, { team: status.team.id, display, until: over, signal });
  if (signal.aborted) steps.leave();
  return last ?? status;
}

function readiness({ timing, agents }: TeamStatus): string {
  if (timing.allReadyMs !== null) return duration(timing.allReadyMs);
  return `${agents.total - agents.starting} so far`;
}

function hasBegun({ tasks }: TeamStatus): boolean {
  return tasks.blocked + tasks.queued < tasks.total;
}

/** The plan that the model wrote: what the money will be spent on. */
async function showPlan({ team }: TeamStatus, { cli, steps, quiet }: StageParts): Promise<void> {
  if (quiet) return;
  const tasks = await Client.of(cli.home).list<TaskSummary>(`/api/v1/tasks?team=${team.id}`);
  const columns = [
    { title: "TASK", cell: (task: TaskSummary) => task.key },
    { title: "NEEDS", cell: (task: TaskSummary) => task.needs.join(" ") || "-" },
    { title: "TITLE", cell: (task: TaskSummary) => task.title, flexible: true },
  ];
  steps.say(`\n${table(tasks, columns, cli.err.width, cli.err.style)}`);
}
