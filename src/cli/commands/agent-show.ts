import type { AgentView, Sighting } from "../../api/wire.ts";
import { type Cli, type JsonFlag, print } from "../cli.ts";
import { clientOf } from "../client.ts";
import { duration, minute, parkedText, plural, stateColour, usd } from "../ui/format.ts";
import type { Style } from "../ui/style.ts";
import { facts } from "../ui/table.ts";

export default async function agentShow(this: Cli, flags: JsonFlag, name: string): Promise<void> {
  const agent = await clientOf(this.home).call("getAgent", { params: { agent: name } });
  print(this, flags, agent, () => agentText(agent, this.out.style));
}

function agentText(agent: AgentView, style: Style): string {
  return `${style.bold(agent.id)}  ${stateColour(style, agent.state)}\n${facts(
    [
      ["parked", parkedText(agent.parked)],
      ["activity", agent.activity],
      ["why", agent.reason],
      ["suspect", agent.suspicion ? style.yellow(sightingText(agent.suspicion)) : ""],
      ["no work", agent.held ? style.yellow(`until ${minute(agent.held.until)}: ${agent.held.why}`) : ""],
      ["record", agent.record ? recordText(agent.record) : ""],
      ...agent.anomalies.map((odd): [string, string] => ["odd", sightingText(odd)]),
      ["task", agent.task ?? ""],
      ["attempt", agent.attempt ?? ""],
      ["chosen", agent.chosen],
      ["runtime", [agent.runtime, agent.model].filter(Boolean).join(" with ")],
      ["skills", agent.skills.join(", ")],
      ["node", agent.node],
      ["host", agent.hostPid === null ? "" : `process ${agent.hostPid}`],
      ["session", agent.sessionId ?? ""],
      ["since", minute(agent.readyAt ?? agent.requestedAt)],
      ["ended", minute(agent.endedAt)],
      ["cost", `${usd(agent.costUsd)} in ${plural(agent.attempts, "attempt")}`],
    ],
    style,
  )}`;
}

function recordText({ reliability, msPerUnit, usdPerUnit }: NonNullable<AgentView["record"]>): string {
  const time = msPerUnit === null ? [] : [duration(msPerUnit)];
  const cost = usdPerUnit === null ? [] : [usd(usdPerUnit)];
  const each = [...time, ...cost].length === 0 ? "" : `; ${[...time, ...cost].join(" and ")} a unit of work`;
  return `at least ${Math.round(reliability * 100)}% of its attempts pass${each}`;
}

function sightingText({ at, signal, detail }: Sighting): string {
  return `${signal}: ${detail} (${minute(at)})`;
}
