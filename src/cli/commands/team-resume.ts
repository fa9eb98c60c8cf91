import type { TeamStatus } from "../../api/wire.ts";
import { type Cli, type JsonFlag, print } from "../cli.ts";
import { Client, teamPath } from "../client.ts";

export default async function teamResume(this: Cli, flags: JsonFlag, team?: string): Promise<void> {
  const status = await Client.of(this.home).post<TeamStatus>(`${teamPath(team)}/resume`);
  print(this, flags, status, () => `${status.team.name} is ${status.team.state}.\n`);
}
