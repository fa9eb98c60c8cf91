import type { TeamStatus } from "../../api/wire.ts";
import { exitCodes } from "../../lib/errors.ts";
import { teamEnded } from "../../model/states.ts";
import { type Cli, print } from "../cli.ts";
import { Client } from "../client.ts";
import { displayFor, followTeam } from "../follow-team.ts";
import { onInterrupt } from "../interrupt.ts";
import { type SpawnFlags, spawnRequest } from "../spawn-request.ts";
import { showStages } from "../spawn-stages.ts";
import { ensureEngine } from "../start-engine.ts";
import { outcomeOf } from "../team-outcome.ts";
import { Steps } from "../ui/steps.ts";
import { teamText } from "../ui/team-text.ts";

export default async function teamSpawn(this: Cli, flags: SpawnFlags): Promise<void> {
  const request = spawnRequest(flags, this.cwd);
  const steps = new Steps(this.err, flags.json === true);
  await ensureEngine(this, steps);
  const accepted = await Client.of(this.home).post<TeamStatus>("/api/v1/teams", request);
  if (flags.detach) print(this, flags, accepted, () => `${accepted.team.name} is accepted.\n${comeBack(accepted)}`);
  else await follow(this, flags, accepted, steps);
}

async function follow(cli: Cli, flags: SpawnFlags, accepted: TeamStatus, steps: Steps): Promise<void> {
  const quiet = flags.json === true;
  const { signal, release } = onInterrupt();
  try {
    let status = await showStages(accepted, { cli, steps, quiet, signal });
    if (!signal.aborted && !teamEnded(status.team.state)) {
      const display = displayFor(cli, quiet);
      status = (await followTeam(cli, { team: status.team.id, display, signal })) ?? status;
    }
    print(cli, flags, status, () => (signal.aborted ? "" : `\n${teamText(status, cli.out.style)}`));
    if (signal.aborted) cli.err.write(`\nThe team goes on without you.\n${comeBack(status)}`);
    cli.exitCode = signal.aborted ? exitCodes.interrupted : await outcomeOf(cli, status);
  } finally {
    release();
  }
}

function comeBack({ team }: TeamStatus): string {
  return `  See it again:  godel team status ${team.name} --watch\n  Stop it:       godel team kill ${team.name}\n`;
}
