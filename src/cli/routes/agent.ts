import { buildCommand, buildRouteMap } from "@stricli/core";
import type { Cli, JsonFlag } from "../cli.ts";
import type { AgentListFlags } from "../commands/agent-list.ts";
import type { LogFlags } from "../commands/agent-logs.ts";
import { text, whole } from "../parse.ts";
import { agentArgument, json, optional, teamFlag } from "./shared.ts";

/** The engine sends no more than this. */
const maxLogLines = 10_000;

const list = buildCommand<AgentListFlags, [], Cli>({
  loader: async () => (await import("../commands/agent-list.ts")).default,
  docs: { brief: "List the agents of a team" },
  parameters: { flags: { team: teamFlag, json } },
});

const logs = buildCommand<LogFlags, [string], Cli>({
  loader: async () => (await import("../commands/agent-logs.ts")).default,
  docs: { brief: "Print what an agent said and did in its newest attempt" },
  parameters: {
    positional: agentArgument,
    flags: {
      lines: optional(
        "N",
        `How many lines from the end, 1 to ${maxLogLines}  [default = 200]`,
        whole("--lines", 1, maxLogLines),
      ),
      follow: { kind: "boolean", optional: true, withNegated: false, brief: "Go on printing what comes until Ctrl-C" },
      json,
    },
    aliases: { f: "follow", n: "lines" },
  },
});

const steer = buildCommand<JsonFlag, [string, string], Cli>({
  loader: async () => (await import("../commands/agent-steer.ts")).default,
  docs: { brief: "Tell a busy agent something" },
  parameters: {
    positional: {
      kind: "tuple",
      parameters: [
        ...agentArgument.parameters,
        { placeholder: "text", brief: "What it is told before its next step", parse: text("TEXT") },
      ],
    },
    flags: { json },
  },
});

export const agent = buildRouteMap({
  routes: {
    list,
    show: onAgent("Show an agent", async () => import("../commands/agent-show.ts")),
    logs,
    pause: onAgent(
      "Hold an agent: between two turns, or its command at once",
      async () => import("../commands/agent-pause.ts"),
    ),
    resume: onAgent("Let an agent go on after a pause", async () => import("../commands/agent-resume.ts")),
    steer,
    kill: onAgent("Stop an agent; its task goes back to the queue", async () => import("../commands/agent-kill.ts")),
  },
  docs: { brief: "Agents: sessions of a coding agent, each in a worktree" },
});

type AgentCommand = (this: Cli, flags: JsonFlag, agent: string) => Promise<void>;

function onAgent(brief: string, load: () => Promise<{ default: AgentCommand }>) {
  return buildCommand<JsonFlag, [string], Cli>({
    loader: load,
    docs: { brief },
    parameters: { positional: agentArgument, flags: { json } },
  });
}
