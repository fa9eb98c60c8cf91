import type { TaskSummary } from "../../api/wire.ts";
import type { TaskState } from "../../model/states.ts";
import { type Cli, type JsonFlag, print } from "../cli.ts";
import { clientOf } from "../client.ts";
import { shortAgent } from "../ui/event-text.ts";
import { stateColour, usd } from "../ui/format.ts";
import type { Style } from "../ui/style.ts";
import { type Column, table } from "../ui/table.ts";

export interface TaskListFlags extends JsonFlag {
  team?: string;
  state?: TaskState;
}

export default async function taskList(this: Cli, flags: TaskListFlags): Promise<void> {
  const query = { team: flags.team ?? "-", state: flags.state };
  const tasks = await clientOf(this.home).all("listTasks", { query });
  const { width, style } = this.out;
  print(this, flags, { items: tasks }, () =>
    tasks.length === 0 ? "No such tasks.\n" : table(tasks, columns(style), width, style),
  );
}

function columns(style: Style): Column<TaskSummary>[] {
  return [
    { title: "TASK", cell: (task) => task.key },
    { title: "STATE", cell: (task) => stateColour(style, task.state) + (task.reason ? ` (${task.reason})` : "") },
    { title: "TRIES", cell: (task) => String(task.attempts), align: "right" },
    { title: "AGENT", cell: (task) => shortAgent(task.agent ?? "") },
    { title: "COST", cell: (task) => usd(task.costUsd), align: "right" },
    { title: "COMMIT", cell: (task) => (task.commit ?? "").slice(0, 7) },
    { title: "TITLE", cell: (task) => task.title, flexible: true },
  ];
}
