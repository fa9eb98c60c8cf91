import { type Cli, type JsonFlag, print } from "../cli.ts";
import { clientOf } from "../client.ts";

export default async function agentSteer(this: Cli, flags: JsonFlag, name: string, text: string): Promise<void> {
  const agent = await clientOf(this.home).call("steerAgent", { params: { agent: name }, body: { text } });
  print(this, flags, agent, () => `${agent.id} will read it before its next step.\n`);
}
