import type { TaskDetail } from "../../api/wire.ts";
import { type Cli, type JsonFlag, print } from "../cli.ts";
import { Client, path } from "../client.ts";

export default async function taskCancel(this: Cli, flags: JsonFlag, name: string): Promise<void> {
  const task = await Client.of(this.home).post<TaskDetail>(path`/api/v1/tasks/${name}/cancel`);
  print(this, flags, task, () => `${task.key} is ${task.state}.\n`);
}
