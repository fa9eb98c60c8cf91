import { type Cli, type JsonFlag, print } from "../cli.ts";
import { clientOf } from "../client.ts";

export default async function taskReassign(this: Cli, flags: JsonFlag, name: string): Promise<void> {
  const task = await clientOf(this.home).call("reassignTask", { params: { task: name } });
  const now = task.state === "running" ? `is with ${task.agent}` : `is ${task.state}, for another agent`;
  print(this, flags, task, () => `${task.key} ${now}.\n`);
}
