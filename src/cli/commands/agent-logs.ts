import type { AgentLog } from "../../api/wire.ts";
import { type Cli, type JsonFlag, print } from "../cli.ts";
import { Client, path } from "../client.ts";

export interface LogFlags extends JsonFlag {
  lines?: number;
}

export default async function agentLogs(this: Cli, flags: LogFlags, name: string): Promise<void> {
  const log = await Client.of(this.home).get<AgentLog>(
    `${path`/api/v1/agents/${name}/logs`}?lines=${flags.lines ?? 200}`,
  );
  if (log.attempt === null) this.err.write(`${log.agent} has not had a task yet.\n`);
  print(this, flags, log, () => log.lines.map((line) => `${line}\n`).join(""));
}
