import type { TeamStatus } from "../../api/wire.ts";
import { type Cli, type JsonFlag, print } from "../cli.ts";
import { Client, teamPath } from "../client.ts";
import { plural } from "../ui/format.ts";

export interface ScaleFlags extends JsonFlag {
  count: number;
}

export default async function teamScale(this: Cli, flags: ScaleFlags, team?: string): Promise<void> {
  const status = await Client.of(this.home).post<TeamStatus>(`${teamPath(team)}/scale`, { count: flags.count });
  print(this, flags, status, () => `${status.team.name} is to have ${plural(status.agents.desired, "agent")}.\n`);
}
