/** The machines that host agents, what each has left, and the engine. */
import { useQuery } from "@tanstack/react-query";
import type { Health, NodeView } from "../../../src/api/wire.ts";
import { get } from "../api.ts";
import { bytes, count } from "../format.ts";
import { Empty, Stat, StateMark, Trouble } from "../parts/basics.tsx";
import { Used } from "../parts/used.tsx";

export function Nodes() {
  const { data, error } = useQuery({ queryKey: ["health"], queryFn: () => get<Health>("/api/v1/health") });
  if (!data) return error ? <Trouble error={error} /> : <p className="dim">Asking the engine…</p>;
  return (
    <>
      <h1>Nodes</h1>
      <Trouble error={error} />
      <dl className="stats past">
        <Stat label="Engine" value={data.version} note={`process ${data.pid}, epoch ${data.epoch}`} />
        <Stat label="Journal" value={count(Number(data.seq))} note="events" />
        <Stat label="Up since" value={new Date(data.startedAt).toLocaleTimeString("en-GB")} note={data.home} />
        <Stat label="Live teams" value={count(data.liveTeams)} />
      </dl>
      {data.nodes.length === 0 && (
        <Empty title="No node yet">
          The engine starts one by itself. If none comes within a minute, <code>godel doctor</code> says what it lacks.
        </Empty>
      )}
      <ul className="cards wide-cards">
        {data.nodes.map((node) => (
          <Machine key={node.id} node={node} />
        ))}
      </ul>
    </>
  );
}

function Machine({ node: { id, state, pid, linked, pressure, cores, agents, busy, load } }: { node: NodeView }) {
  return (
    <li className="card">
      <span className="row">
        <b>{id}</b>
        <StateMark state={state} />
      </span>
      <span className="dim">
        process {pid}, {count(cores)} cores, {linked ? "linked" : "not linked: the engine starts it again by itself"}
      </span>
      <span className="row">
        <span>
          {count(agents)} {agents === 1 ? "agent" : "agents"}, {count(busy)} at work
        </span>
        {load && (
          <span className="dim">
            {count(load.hosts)} {load.hosts === 1 ? "host" : "hosts"}, loop {Math.round(load.lagMs)} ms late
          </span>
        )}
      </span>
      {pressure !== "" && <span className="warn">Takes no new work: {pressure}</span>}
      {load && (
        <>
          <Room name="memory of the machine" room={load.memory} text={bytes} />
          <Room name="disk" room={load.disk} text={bytes} />
          <Room name="descriptors of the node" room={load.files} text={count} />
          <Room name="processes" room={load.processes} text={count} />
          <span className="dim">The node itself takes {bytes(load.rssBytes)}.</span>
        </>
      )}
    </li>
  );
}

type RoomOf = NonNullable<NodeView["load"]>["memory"];

/** Nothing where it cannot be measured. */
function Room({ name, room, text }: { name: string; room: RoomOf; text(amount: number): string }) {
  if (!room) return null;
  return <Used name={name} used={room.total - room.free} limit={room.total} text={text} />;
}
