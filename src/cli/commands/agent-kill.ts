import { type Cli, type JsonFlag, print } from "../cli.ts";
import { clientOf } from "../client.ts";

export default async function agentKill(this: Cli, flags: JsonFlag, name: string): Promise<void> {
  const agent = await clientOf(this.home).call("killAgent", { params: { agent: name } });
  print(this, flags, agent, () => `${agent.id} is ${agent.state}.\n`);
}
