import { buildCommand, buildRouteMap } from "@stricli/core";
import { type TaskState, taskMoves } from "../../model/states.ts";
import type { Cli, JsonFlag } from "../cli.ts";
import type { TaskListFlags } from "../commands/task-list.ts";
import { json, taskArgument, teamFlag } from "./shared.ts";

const list = buildCommand<TaskListFlags, [], Cli>({
  loader: async () => (await import("../commands/task-list.ts")).default,
  docs: { brief: "List the tasks of a team" },
  parameters: {
    flags: {
      team: teamFlag,
      state: {
        kind: "enum",
        values: Object.keys(taskMoves) as TaskState[],
        optional: true,
        brief: "Only those in this state",
      },
      json,
    },
  },
});

export const task = buildRouteMap({
  routes: {
    list,
    show: onTask("Show a task with its attempts", async () => import("../commands/task-show.ts")),
    why: onTask("Say why a task waits, or ended as it did", async () => import("../commands/task-why.ts")),
    retry: onTask("Try a failed, skipped or cancelled task again", async () => import("../commands/task-retry.ts")),
    reassign: onTask(
      "Give a task to another agent than the one that works on it",
      async () => import("../commands/task-reassign.ts"),
    ),
    cancel: onTask("Cancel a task; what needs it is skipped", async () => import("../commands/task-cancel.ts")),
  },
  docs: { brief: "Tasks: the vertices of a team's plan" },
});

type TaskCommand = (this: Cli, flags: JsonFlag, task: string) => Promise<void>;

function onTask(brief: string, load: () => Promise<{ default: TaskCommand }>) {
  return buildCommand<JsonFlag, [string], Cli>({
    loader: load,
    docs: { brief },
    parameters: { positional: taskArgument, flags: { json } },
  });
}
