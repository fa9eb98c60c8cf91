import { type Cli, type JsonFlag, print } from "../cli.ts";
import { clientOf } from "../client.ts";

export default async function teamResume(this: Cli, flags: JsonFlag, team?: string): Promise<void> {
  const status = await clientOf(this.home).call("resumeTeam", { params: { team: team ?? "-" } });
  print(this, flags, status, () => `${status.team.name} is ${status.team.state}.\n`);
}
