import type { AgentView } from "../../api/wire.ts";
import { type Cli, type JsonFlag, print } from "../cli.ts";
import { Client, path } from "../client.ts";

export default async function agentSteer(this: Cli, flags: JsonFlag, name: string, text: string): Promise<void> {
  const agent = await Client.of(this.home).post<AgentView>(path`/api/v1/agents/${name}/steer`, { text });
  print(this, flags, agent, () => `${agent.id} will read it before its next step.\n`);
}
