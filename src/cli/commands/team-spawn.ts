import type { AcceptedTeam, SpawnRequest, TaskSummary, TeamStatus } from "../../api/wire.ts";
import { exitCodes } from "../../lib/errors.ts";
import { secretToken } from "../../lib/random.ts";
import { type Cli, print } from "../cli.ts";
import { clientOf } from "../client.ts";
import { checkInteractive, settlePlan } from "../edit-plan.ts";
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
  const asked = spawnRequest(flags, this.cwd);
  if (flags.interactive) checkInteractive(this);
  const quiet = flags.json === true;
  const steps = new Steps(this.err, quiet);
  await ensureEngine(this, steps);
  const request = flags.interactive ? await settled(this, steps, asked) : asked;
  if (request === null) {
    this.err.write("Nothing was started.\n");
    this.exitCode = exitCodes.interrupted;
    return;
  }
  const accepted = await clientOf(this.home).call("spawnTeam", { body: request, idempotencyKey: secretToken() });
  if (flags.detach)
    return print(this, flags, accepted, () => `${accepted.team.name} is accepted.\n${comeBack(accepted)}`);
  const work = displayFor(this, quiet);
  await follow(this, flags, accepted, quiet ? work : spawnDisplay(this, steps, work, accepted.team.id));
}

/** The request with the plan that the person settled on, or null where they want none. */
async function settled(cli: Cli, steps: Steps, request: SpawnRequest): Promise<SpawnRequest | null> {
  const { repo, model, skills, strategy, files, query, count: parallelism, task: goal, plan: given } = request;
  const about = { repo, model, skills, parallelism };
  const asked =
    given === undefined ? { ...about, goal, strategy, files, query, keepUnmet: true } : { ...about, plan: given };
  const made = await steps.run("Planning", () => clientOf(cli.home).call("makePlan", { body: asked }));
  const plan = await settlePlan(cli, about, made);
  return plan && { ...request, plan, task: undefined, strategy: undefined, files: undefined, query: undefined };
}

async function follow(cli: Cli, flags: SpawnFlags, accepted: AcceptedTeam, display: Display): Promise<void> {
  const { signal, release } = onInterrupt();
  try {
    const status = (await followTeam(cli, { team: accepted.team.id, from: accepted.seq, display, signal })) ?? accepted;
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
    listTasks: () => clientOf(cli.home).all("listTasks", { query: { team } }),
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
