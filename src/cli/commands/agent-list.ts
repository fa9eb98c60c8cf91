import type { AgentView } from "../../api/wire.ts";
import { type Cli, type JsonFlag, print } from "../cli.ts";
import { clientOf } from "../client.ts";
import { keyOf } from "../ui/event-text.ts";
import { parkedText, stateColour, usd } from "../ui/format.ts";
import type { Style } from "../ui/style.ts";
import { type Column, table } from "../ui/table.ts";

export interface AgentListFlags extends JsonFlag {
  team?: string;
}

export default async function agentList(this: Cli, flags: AgentListFlags): Promise<void> {
  const agents = await clientOf(this.home).all("listAgents", { query: { team: flags.team ?? "-" } });
  const { width, style } = this.out;
  print(this, flags, { items: agents }, () =>
    agents.length === 0 ? "No agents.\n" : table(agents, columns(style), width, style),
  );
}

function columns(style: Style): Column<AgentView>[] {
  return [
    { title: "AGENT", cell: (agent) => agent.id },
    { title: "STATE", cell: (agent) => stateColour(style, agent.state) },
    { title: "RUNTIME", cell: (agent) => agent.runtime },
    { title: "MODEL", cell: (agent) => agent.model },
    { title: "HOST", cell: (agent) => String(agent.hostPid ?? ""), align: "right" },
    { title: "TRIES", cell: (agent) => String(agent.attempts), align: "right" },
    { title: "COST", cell: (agent) => usd(agent.costUsd), align: "right" },
    { title: "TASK", cell: (agent) => keyOf(agent.task) },
    { title: "ACTIVITY", cell: (agent) => parkedText(agent.parked) || agent.activity || agent.reason, flexible: true },
  ];
}
