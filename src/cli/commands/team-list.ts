import type { TeamSummary } from "../../api/wire.ts";
import { type Cli, type JsonFlag, print } from "../cli.ts";
import { clientOf } from "../client.ts";
import { minute, spending, stateColour } from "../ui/format.ts";
import type { Style } from "../ui/style.ts";
import { type Column, table } from "../ui/table.ts";

export default async function teamList(this: Cli, flags: JsonFlag): Promise<void> {
  const teams = await clientOf(this.home).all("listTeams");
  const { width, style } = this.out;
  print(this, flags, { items: teams }, () =>
    teams.length === 0
      ? "No teams yet. Start one: godel team spawn --count 5 --task TEXT\n"
      : table(teams, columns(style), width, style),
  );
}

function columns(style: Style): Column<TeamSummary>[] {
  return [
    { title: "NAME", cell: (team) => team.name },
    { title: "STATE", cell: (team) => stateColour(style, team.state) },
    { title: "AGENTS", cell: (team) => String(team.agents), align: "right" },
    { title: "DONE", cell: ({ tasks }) => `${tasks.done}/${tasks.total}`, align: "right" },
    { title: "FAILED", cell: ({ tasks }) => String(tasks.failed), align: "right" },
    { title: "SPENT", cell: (team) => spending(team.spentUsd, team.budgetUsd), align: "right" },
    { title: "CREATED", cell: (team) => minute(team.createdAt) },
    { title: "GOAL", cell: (team) => team.goal, flexible: true },
  ];
}
