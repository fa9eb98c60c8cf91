import type { TeamStatus } from "../../api/wire.ts";
import { GodelError } from "../../lib/errors.ts";
import { type Cli, type JsonFlag, print } from "../cli.ts";
import { clientOf } from "../client.ts";
import { plural } from "../ui/format.ts";

export interface ScaleFlags extends JsonFlag {
  count?: number;
  min?: number;
  max?: number;
}

export default async function teamScale(this: Cli, flags: ScaleFlags, team?: string): Promise<void> {
  const { count, min, max } = flags;
  if (count === undefined && min === undefined && max === undefined) {
    throw new GodelError("REQUEST_INVALID", "give --count N, or --min N and --max N.");
  }
  const status = await clientOf(this.home).call("scaleTeam", {
    params: { team: team ?? "-" },
    body: { count, min, max },
  });
  print(this, flags, status, () => sizeText(status));
}

function sizeText({ team, agents, scaling }: TeamStatus): string {
  if (agents.min === agents.max) return `${team.name} is to have ${plural(agents.desired, "agent")}.\n`;
  const now = scaling === null ? "" : ` Now: ${scaling.why}.`;
  return `${team.name} is to have ${agents.min} to ${plural(agents.max, "agent")}, as many as its work asks for.${now}\n`;
}
