/** The commands, without their code: that is loaded once it is known which one runs. */
import { type Application, buildApplication, buildRouteMap } from "@stricli/core";
import { version } from "../lib/version.ts";
import type { Cli } from "./cli.ts";
import { collecting } from "./failures.ts";
import { audit, token } from "./routes/access.ts";
import { agent } from "./routes/agent.ts";
import { backup, completion, cost, dashboard, doctor, down, gc, plan, restore, up } from "./routes/engine.ts";
import { task } from "./routes/task.ts";
import { team } from "./routes/team.ts";

/** What goes wrong is put in `failures`. */
export function buildApp(failures: unknown[]): Application<Cli> {
  const root = buildRouteMap({
    routes: {
      up,
      down,
      dashboard,
      doctor,
      team,
      task,
      agent,
      plan,
      cost,
      token,
      audit,
      gc,
      backup,
      restore,
      completion,
    },
    docs: {
      brief: "Run fleets of real coding agents",
      fullDescription:
        "Runs fleets of real coding agents on a git repository: splits a goal into tasks, gives each agent a worktree,\n" +
        "checks the work, and merges what holds into godel/NAME. Your own branch and checkout are never touched.\n\n" +
        "Start with:  godel team spawn --count 5 --model demo --task TEXT",
    },
  });
  return buildApplication<Cli>(root, {
    name: "godel",
    scanner: { allowArgumentEscapeSequence: true, caseStyle: "allow-kebab-for-camel" },
    documentation: { disableAnsiColor: true, onlyRequiredInUsageLine: true, caseStyle: "convert-camel-to-kebab" },
    localization: { text: collecting(failures) },
    versionInfo: { currentVersion: version },
  });
}
