import { buildCommand, buildRouteMap } from "@stricli/core";
import { preferredCosts } from "../../model/preferred-cost.ts";
import type { Cli, JsonFlag } from "../cli.ts";
import type { AnswerFlags } from "../commands/team-answer.ts";
import type { BudgetFlags } from "../commands/team-budget.ts";
import type { ScaleFlags } from "../commands/team-scale.ts";
import type { StatusFlags } from "../commands/team-status.ts";
import { agentCount, budget, maxAgents, preferredCost, tags, teamName, text, tokenBudget, whole } from "../parse.ts";
import type { SpawnFlags } from "../spawn-request.ts";
import { agentsRange, json, optional, planningFlags, shareFlags, teamArgument, value } from "./shared.ts";

const spawn = buildCommand<SpawnFlags, [], Cli>({
  loader: async () => (await import("../commands/team-spawn.ts")).default,
  docs: {
    brief: "Put a team of agents to work on a repository",
    fullDescription:
      "Starts the engine if none runs, spawns the agents, and shows them at work until all tasks have ended.\n" +
      "Ctrl-C leaves the team running.\n\n" +
      "Exit codes: 0 all tasks done, 1 tasks failed, 2 wrong usage, 3 engine not reachable, 4 budget exhausted, 130 interrupted.",
    customUsage: [
      "--count 50 --plan plan.yaml --model demo",
      '--count 5 --task "Move to ES modules" --budget 20 --gate "npm test"',
    ],
  },
  parameters: {
    flags: {
      count: value("N", `How many agents, ${agentsRange}`, agentCount),
      task: optional("TEXT", "The goal; a model splits it into tasks", text("--task")),
      plan: optional("FILE", "The tasks, as a YAML or JSON file; instead of --task", text("--plan")),
      ...planningFlags,
      name: optional("NAME", "Name of the team, whose branch is godel/NAME  [default = from the goal]", teamName),
      repo: optional("DIR", "The git repository  [default = the current folder]", text("--repo")),
      budget: optional(
        "USD",
        "The most it may spend, such as 50 or 0.5; $50 in quotes  [default = no limit]",
        (given) => budget(given),
      ),
      budgetTokens: optional(
        "N",
        "The most tokens it may use, input and output, such as 2000000 or 2M  [default = no limit]",
        tokenBudget,
      ),
      model: optional("PROVIDER/ID", "The model, as pi names it, or `demo`, which needs no key", text("--model")),
      preferredCost: optional(
        preferredCosts.join("|"),
        "With --model auto, how much the cost of a model matters beside its chance; high: the best at once  [default = medium]",
        preferredCost,
      ),
      runtime: optional(
        "pi|command",
        "What an agent is: pi, or a plain shell command  [default = pi]",
        text("--runtime"),
      ),
      skills: optional("a,b", "Tags that the agents have, for tasks that ask for them", tags),
      min: optional(
        "N",
        `Never fewer agents than this, 0 to ${maxAgents}; below --max the size follows the work  [default = --count]`,
        whole("--min", 0, maxAgents),
      ),
      max: optional(
        "N",
        `Never more agents than this, ${agentsRange}; above --min the size follows the work  [default = --count]`,
        whole("--max", 1, maxAgents),
      ),
      ...shareFlags,
      gate: {
        ...value("CMD", "Must pass in the worktree before work is merged; may be given again", text("--gate")),
        variadic: true,
        optional: true,
      },
      interactive: {
        kind: "boolean",
        optional: true,
        withNegated: false,
        brief: "Show the plan first, let you edit it, and ask before it runs",
      },
      detach: { kind: "boolean", optional: true, withNegated: false, brief: "Return once the team is accepted" },
      json,
    },
  },
});

const status = buildCommand<StatusFlags, [string?], Cli>({
  loader: async () => (await import("../commands/team-status.ts")).default,
  docs: { brief: "Show how a team is doing" },
  parameters: {
    positional: teamArgument,
    flags: {
      watch: { kind: "boolean", optional: true, withNegated: false, brief: "Keep showing it until it ends" },
      json,
    },
  },
});

const scale = buildCommand<ScaleFlags, [string?], Cli>({
  loader: async () => (await import("../commands/team-scale.ts")).default,
  docs: {
    brief: "Change how many agents a team has, and its share; busy ones finish first",
    fullDescription:
      "--count alone gives a team a fixed size. With --min below --max the size follows the work within these bounds.\n" +
      "--weight and --priority say what it is due where teams together want more than there is.",
    customUsage: ["--count 20", "--min 2 --max 50", "--weight 3 --priority 1"],
  },
  parameters: {
    positional: teamArgument,
    flags: {
      count: optional("N", `How many agents, ${agentsRange}`, agentCount),
      min: optional("N", `Never fewer agents than this, 0 to ${maxAgents}`, whole("--min", 0, maxAgents)),
      max: optional("N", `Never more agents than this, ${agentsRange}`, whole("--max", 1, maxAgents)),
      ...shareFlags,
      json,
    },
  },
});

const answer = buildCommand<AnswerFlags, [string?], Cli>({
  loader: async () => (await import("../commands/team-answer.ts")).default,
  docs: {
    brief: "Say what is to become of agents whose providers are all out",
    fullDescription:
      "`godel team status` asks, after five minutes (`askAfterMs` of the provider in godel.yaml), or at once when it is known to take that long.",
    customUsage: ["--model openrouter/z-ai/glm-4.6", "--wait", "--give-up"],
  },
  parameters: {
    positional: teamArgument,
    flags: {
      model: optional("PROVIDER/ID", "They may use this model meanwhile; it must speak the same API", text("--model")),
      wait: { kind: "boolean", optional: true, withNegated: false, brief: "They wait, and use no other model" },
      giveUp: { kind: "boolean", optional: true, withNegated: false, brief: "Cancel the tasks that wait" },
      json,
    },
  },
});

const raise = buildCommand<BudgetFlags, [string?], Cli>({
  loader: async () => (await import("../commands/team-budget.ts")).default,
  docs: {
    brief: "Let a team spend more, also one that failed for lack of it",
    fullDescription:
      "A budget is only ever raised, and what is spent already counts in it. What failed for lack of money is tried again\n" +
      "with `godel task retry`.",
    customUsage: ["--usd 20"],
  },
  parameters: {
    positional: teamArgument,
    flags: {
      usd: value("N", "The most it may spend in all, above what it was, up to 1000000", (given) =>
        budget(given, "--usd"),
      ),
      json,
    },
  },
});

const list = buildCommand<JsonFlag, [], Cli>({
  loader: async () => (await import("../commands/team-list.ts")).default,
  docs: { brief: "List all teams" },
  parameters: { flags: { json } },
});

export const team = buildRouteMap({
  routes: {
    spawn,
    list,
    status,
    scale,
    budget: raise,
    answer,
    pause: onTeam("Hold all agents and start no more tasks", async () => import("../commands/team-pause.ts")),
    resume: onTeam("Go on after a pause", async () => import("../commands/team-resume.ts")),
    kill: onTeam("Stop a team for good; what is merged stays", async () => import("../commands/team-kill.ts")),
  },
  docs: { brief: "Teams: agents that share a goal, a repository and a budget" },
});

type TeamCommand = (this: Cli, flags: JsonFlag, team?: string) => Promise<void>;

function onTeam(brief: string, load: () => Promise<{ default: TeamCommand }>) {
  return buildCommand<JsonFlag, [string?], Cli>({
    loader: load,
    docs: { brief },
    parameters: { positional: teamArgument, flags: { json } },
  });
}
