import type { AgentView } from "../../api/wire.ts";
import { type Cli, type JsonFlag, print } from "../cli.ts";
import { Client, path } from "../client.ts";

export default async function agentPause(this: Cli, flags: JsonFlag, name: string): Promise<void> {
  const agent = await Client.of(this.home).post<AgentView>(path`/api/v1/agents/${name}/pause`);
  print(this, flags, agent, () => `${agent.id} is ${agent.state}.\n`);
}
