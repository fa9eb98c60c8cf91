import type { TeamStatus } from "../../api/wire.ts";
import { GodelError } from "../../lib/errors.ts";
import { evenShare } from "../../model/share.ts";
import { type Cli, type JsonFlag, print } from "../cli.ts";
import { clientOf } from "../client.ts";
import { plural } from "../ui/format.ts";

export interface ScaleFlags extends JsonFlag {
  count?: number;
  min?: number;
  max?: number;
  weight?: number;
  priority?: number;
}

export default async function teamScale(this: Cli, flags: ScaleFlags, team?: string): Promise<void> {
  const { count, min, max, weight, priority } = flags;
  const asked = { count, min, max, weight, priority };
  if (Object.values(asked).every((flag) => flag === undefined)) {
    throw new GodelError("REQUEST_INVALID", "give --count N, or --min N and --max N, or --weight N, or --priority N.");
  }
  const status = await clientOf(this.home).call("scaleTeam", {
    params: { team: team ?? "-" },
    body: asked,
  });
  print(this, flags, status, () => sizeText(status) + shareText(status));
}

function sizeText({ team, agents, scaling }: TeamStatus): string {
  if (agents.min === agents.max) return `${team.name} is to have ${plural(agents.desired, "agent")}.\n`;
  const now = scaling === null ? "" : ` Now: ${scaling.why}.`;
  return `${team.name} is to have ${agents.min} to ${plural(agents.max, "agent")}, as many as its work asks for.${now}\n`;
}

function shareText({ team, share: { weight, priority } }: TeamStatus): string {
  const isEven = weight === evenShare.weight && priority === evenShare.priority;
  return isEven ? "" : `${team.name} has weight ${weight} and priority ${priority} beside other teams.\n`;
}
