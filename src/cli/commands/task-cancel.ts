import { type Cli, type JsonFlag, print } from "../cli.ts";
import { clientOf } from "../client.ts";

export default async function taskCancel(this: Cli, flags: JsonFlag, name: string): Promise<void> {
  const task = await clientOf(this.home).call("cancelTask", { params: { task: name } });
  print(this, flags, task, () => `${task.key} is ${task.state}.\n`);
}
