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
    const { displayFor, followTeam, fromLately } = await import("../follow-team.ts");
    const quiet = flags.json === true;
    // Lines are a log of what comes; a screen also shows what has just been.
    const from = this.err.live && !quiet ? await fromLately(this) : null;
    const display = displayFor(this, quiet);
    status = (await followTeam(this, { team: status.team.id, from, display, signal })) ?? status;
  }
  release();
  print(this, flags, status, () => teamText(status, this.out.style));
  if (signal.aborted) this.exitCode = exitCodes.interrupted;
  else if (flags.watch) this.exitCode = await outcomeOf(this, status);
}
