import { exitCodes } from "../../lib/errors.ts";
import { teamEnded } from "../../model/states.ts";
import { type Cli, type JsonFlag, print } from "../cli.ts";
import { clientOf } from "../client.ts";
import { onInterrupt } from "../interrupt.ts";
import { outcomeOf } from "../team-outcome.ts";
import { teamText } from "../ui/team-text.ts";

export interface StatusFlags extends JsonFlag {
  watch?: boolean;
}

export default async function teamStatus(this: Cli, flags: StatusFlags, team?: string): Promise<void> {
  let status = await clientOf(this.home).call("getTeam", { params: { team: team ?? "-" } });
  const { signal, release } = onInterrupt();
  if (flags.watch && !teamEnded(status.team.state)) {
    // Most ask once, and need none of what follows a stream.
    const { displayFor, followTeam } = await import("../follow-team.ts");
    const display = displayFor(this, flags.json === true);
    status = (await followTeam(this, { team: status.team.id, from: null, display, signal })) ?? status;
  }
  release();
  print(this, flags, status, () => teamText(status, this.out.style));
  if (signal.aborted) this.exitCode = exitCodes.interrupted;
  else if (flags.watch) this.exitCode = await outcomeOf(this, status);
}
