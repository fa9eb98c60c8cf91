/** The commands that stand at the top: the engine's life, planning, and the shell. */
import { buildCommand } from "@stricli/core";
import { costSplits } from "../../api/cost-wire.ts";
import type { Cli, JsonFlag } from "../cli.ts";
import type { BackupFlags } from "../commands/backup.ts";
import type { CostFlags } from "../commands/cost.ts";
import type { DashboardFlags } from "../commands/dashboard.ts";
import type { GcFlags } from "../commands/gc.ts";
import type { RestoreFlags } from "../commands/restore.ts";
import type { UpFlags } from "../commands/up.ts";
import { budget, maxAgents, port, tags, text, whole } from "../parse.ts";
import type { PlanFlags } from "../plan-request.ts";
import { type Shell, shellName, shells } from "../shells.ts";
import { agentsRange, json, optional, planningFlags } from "./shared.ts";

export const up = buildCommand<UpFlags, [], Cli>({
  loader: async () => (await import("../commands/up.ts")).default,
  docs: { brief: "Start the engine in the background" },
  parameters: {
    flags: { port: optional("N", "Port on 127.0.0.1; 0 takes any  [default = GODEL_PORT or 7373]", port), json },
  },
});

export const down = buildCommand<JsonFlag, [], Cli>({
  loader: async () => (await import("../commands/down.ts")).default,
  docs: { brief: "Stop the engine, its node and all agents; teams go on at the next `up`" },
  parameters: { flags: { json } },
});

export const doctor = buildCommand<JsonFlag, [], Cli>({
  loader: async () => (await import("../commands/doctor.ts")).default,
  docs: { brief: "Check this machine, and say what to do about what is wrong" },
  parameters: { flags: { json } },
});

const flag = (brief: string) => ({ kind: "boolean", optional: true, withNegated: false, brief }) as const;

export const dashboard = buildCommand<DashboardFlags, [], Cli>({
  loader: async () => (await import("../commands/dashboard.ts")).default,
  docs: { brief: "Open the dashboard in the browser, and print its address, which is good once" },
  parameters: { flags: { print: flag("Only print the address"), json } },
});

export const backup = buildCommand<BackupFlags, [string], Cli>({
  loader: async () => (await import("../commands/backup.ts")).default,
  docs: { brief: "Copy all that the engine knows to one file, while it runs or not" },
  parameters: {
    positional: {
      kind: "tuple",
      parameters: [{ placeholder: "file", brief: "A file, or a folder that gets one", parse: text("FILE") }],
    },
    flags: { force: flag("Replace the file if it is there"), json },
  },
});

export const gc = buildCommand<GcFlags, [], Cli>({
  loader: async () => (await import("../commands/gc.ts")).default,
  docs: {
    brief: "Remove what is left of teams that are over and whose work is merged",
    fullDescription:
      "Branches, refs and sessions of teams whose work your own branches hold, worktrees that were left, and folders of\n" +
      "agents that are gone. Work that is not merged is never removed; what is kept is told with the reason.",
    customUsage: ["--dry-run"],
  },
  parameters: { flags: { dryRun: flag("Only say what would be removed"), json } },
});

export const restore = buildCommand<RestoreFlags, [string], Cli>({
  loader: async () => (await import("../commands/restore.ts")).default,
  docs: { brief: "Bring back what `backup` wrote, while the engine is down" },
  parameters: {
    positional: {
      kind: "tuple",
      parameters: [{ placeholder: "file", brief: "What `godel backup` wrote", parse: text("FILE") }],
    },
    flags: { force: flag("Keep a journal that is there aside, in a folder of the home"), json },
  },
});

export const cost = buildCommand<CostFlags, [string?], Cli>({
  loader: async () => (await import("../commands/cost.ts")).default,
  docs: {
    brief: "Show what was spent, by task, agent, model or hour",
    customUsage: ["my-team --by model", "--by hour --json"],
  },
  parameters: {
    positional: {
      kind: "tuple",
      parameters: [{ placeholder: "team", brief: "A team  [default = all of them]", parse: String, optional: true }],
    },
    flags: {
      by: { kind: "enum", values: costSplits, optional: true, brief: "What to split it by  [default = task]" },
      json,
    },
  },
});

export const plan = buildCommand<PlanFlags, [string?], Cli>({
  loader: async () => (await import("../commands/plan.ts")).default,
  docs: {
    brief: "Split a goal into tasks, and show the plan or print it for `team spawn --plan`",
    fullDescription:
      "A model reads the goal and a map of the repository. With --files the work is the same in many files, and no model\n" +
      "is asked; nor is one for a goal that is a Markdown list. On a terminal the plan is shown as a tree, else as YAML.",
    customUsage: [
      '"Move to ES modules" --model anthropic/claude-sonnet-4-5 > plan.yaml',
      "\"Replace var\" --files 'src/**/*.js' --parallelism 20",
      "--plan plan.yaml --mermaid",
    ],
  },
  parameters: {
    positional: {
      kind: "tuple",
      parameters: [{ placeholder: "text", brief: "The goal", parse: text("TEXT"), optional: true }],
    },
    flags: {
      plan: optional("FILE", "A plan to look at, instead of TEXT", text("--plan")),
      repo: optional("DIR", "The git repository  [default = the current folder]", text("--repo")),
      model: optional("PROVIDER/ID", "The model that plans, as pi names it, or `demo`", text("--model")),
      ...planningFlags,
      parallelism: optional(
        "N",
        `How many agents should have work at once, ${agentsRange}  [default = 5]`,
        whole("--parallelism", 1, maxAgents),
      ),
      skills: optional("a,b", "Tags that the agents have, for tasks that ask for them", tags),
      budget: optional("USD", "Split over the tasks by their weight, a fifth held back", budget),
      interactive: flag("Show it, let you edit it, and ask before it is printed"),
      tree: flag("Show it as a tree"),
      yaml: flag("Print YAML"),
      mermaid: flag("Print a Mermaid flowchart"),
      json,
    },
  },
});

export const completion = buildCommand<object, [Shell], Cli>({
  loader: async () => (await import("../commands/completion.ts")).default,
  docs: {
    brief: "Print the completion script of a shell",
    customUsage: [
      { input: 'bash  # in ~/.bashrc: eval "$(godel completion bash)"', brief: "" },
      { input: 'zsh   # in ~/.zshrc:  eval "$(godel completion zsh)"', brief: "" },
      { input: "fish  # godel completion fish > ~/.config/fish/completions/godel.fish", brief: "" },
    ],
  },
  parameters: {
    positional: {
      kind: "tuple",
      parameters: [
        { placeholder: "shell", brief: shells.join(", "), parse: shellName, proposeCompletions: () => shells },
      ],
    },
  },
});
