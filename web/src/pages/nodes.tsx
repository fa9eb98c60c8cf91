/** The machines that host agents, and the engine. */
import { useQuery } from "@tanstack/react-query";
import type { Health } from "../../../src/api/wire.ts";
import { get } from "../api.ts";
import { count } from "../format.ts";
import { Stat, StateMark, Trouble } from "../parts/basics.tsx";

export function Nodes() {
  const { data, error } = useQuery({ queryKey: ["health"], queryFn: () => get<Health>("/api/v1/health") });
  if (!data) return error ? <Trouble error={error} /> : <p className="dim">Asking the engine…</p>;
  return (
    <>
      <h1>Nodes</h1>
      <Trouble error={error} />
      <dl className="stats">
        <Stat label="Engine" value={data.version} note={`process ${data.pid}, epoch ${data.epoch}`} />
        <Stat label="Journal" value={count(Number(data.seq))} note="events" />
        <Stat label="Up since" value={new Date(data.startedAt).toLocaleTimeString("en-GB")} note={data.home} />
        <Stat label="Live teams" value={count(data.liveTeams)} />
      </dl>
      <ul className="cards">
        {data.nodes.map((node) => (
          <li key={node.id} className="card">
            <span className="row">
              <b>{node.id}</b>
              <StateMark state={node.state} />
            </span>
            <span className="dim">
              process {node.pid}, {node.linked ? "linked" : "not linked: the engine starts it again by itself"}
            </span>
            {node.pressure !== "" && <span className="warn">Takes no new work: {node.pressure}</span>}
          </li>
        ))}
      </ul>
    </>
  );
}
