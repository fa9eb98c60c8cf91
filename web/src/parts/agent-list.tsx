import type { AgentView } from "../../../src/api/wire.ts";
import { keyOf, shortAgent, usd } from "../format.ts";
import { follow, taskHref } from "../location.ts";
import { StateMark } from "./basics.tsx";

/** Beyond this the map is the better list. */
const maxShown = 500;

export function AgentList({ agents }: { agents: AgentView[] }) {
  const shown = agents.toSorted((a, b) => Number(b.state === "busy") - Number(a.state === "busy")).slice(0, maxShown);
  return (
    <ul className="rows plain" aria-label="Agents">
      {shown.map((agent) => (
        <li key={agent.id}>
          <a href={agent.task === null ? undefined : taskHref(agent.task)} onClick={follow}>
            <StateMark state={agent.state} />
            <span className="title">
              <b>{shortAgent(agent.id)}</b>{" "}
              <span className="dim">
                {agent.task === null ? agent.reason : `${keyOf(agent.task)} ${agent.activity}`}
              </span>
            </span>
            <span className="dim side">{agent.model}</span>
            <span className="number">{agent.costUsd > 0 ? usd(agent.costUsd) : ""}</span>
          </a>
        </li>
      ))}
    </ul>
  );
}
