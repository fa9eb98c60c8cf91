import { type Cli, type JsonFlag, print } from "../cli.ts";
import { clientOf } from "../client.ts";

export default async function teamPause(this: Cli, flags: JsonFlag, team?: string): Promise<void> {
  const status = await clientOf(this.home).call("pauseTeam", { params: { team: team ?? "-" } });
  print(this, flags, status, () => `${status.team.name} is ${status.team.state}.\n`);
}
