/** Every agent as a cell: its state by colour, how far it is with its task as a strip, or what it has spent as a shade. */
import { type MouseEvent, useEffect, useRef, useState } from "react";
import type { AgentView } from "../../../src/api/wire.ts";
import { duration, keyOf, shortAgent, usd } from "../format.ts";
import type { LiveTeam } from "../live/live-team.ts";
import { setQuery } from "../location.ts";
import { StateMark } from "./basics.tsx";
import { type Cell, cellsOf, type ShadeBy, shades } from "./cells.ts";
import { MapPainter } from "./map-painter.ts";

const states = ["busy", "idle", "starting", "paused", "draining", "suspect", "lost", "ejected"] as const;

export interface MapParts {
  team: LiveTeam;
  by: ShadeBy;
  onOpen(agent: AgentView): void;
}

export function AgentMap({ team, by, onOpen }: MapParts) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const painter = useRef<MapPainter>(null);
  const [over, setOver] = useState<{ id: string; x: number; y: number } | null>(null);
  const { version } = team;
  const cells = cellsOf(team.state, { by, workMs: team.flow.workMs, now: Date.now() });
  useEffect(() => {
    if (!canvas.current) return;
    const made = new MapPainter(canvas.current);
    painter.current = made;
    return () => made.close();
  }, []);
  useEffect(() => painter.current?.show(cells), [version, by]);
  const find = (event: MouseEvent) => painter.current?.at(event.nativeEvent.offsetX, event.nativeEvent.offsetY);
  const pointed = over && cells.find(({ agent }) => agent.id === over.id);
  return (
    <div className="map">
      <canvas
        ref={canvas}
        role="img"
        aria-label={describe(cells)}
        onMouseMove={(event) => {
          const agent = find(event);
          setOver(agent ? { id: agent.id, x: event.nativeEvent.offsetX, y: event.nativeEvent.offsetY } : null);
        }}
        onMouseLeave={() => setOver(null)}
        onClick={(event) => {
          const agent = find(event);
          if (agent) onOpen(agent);
        }}
      />
      {over && pointed && <Tip cell={pointed} workMs={team.flow.workMs} x={over.x} y={over.y} />}
    </div>
  );
}

/** On the side of the pointer where there is room. */
function Tip({ cell: { agent, forMs }, workMs, x, y }: { cell: Cell; workMs: number | null; x: number; y: number }) {
  const left = x > innerWidth / 2;
  const at = left ? { right: `calc(100% - ${x - 14}px)`, top: y + 14 } : { left: x + 14, top: y + 14 };
  return (
    <div className="tip" style={at}>
      <b>{shortAgent(agent.id)}</b> {agent.state}
      {agent.task !== null && <div>{keyOf(agent.task)}</div>}
      {agent.activity !== "" && <div className="dim">{agent.activity}</div>}
      {forMs !== null && (
        <div className="dim">
          at it for {duration(forMs)}
          {workMs !== null && `, others took ${duration(workMs)}`}
        </div>
      )}
      <div className="dim">{usd(agent.costUsd)} spent</div>
    </div>
  );
}

/** What the colours mean, and what they tell. */
export function MapLegend({ by }: { by: ShadeBy }) {
  return (
    <div className="legend">
      <span className="row">
        {shades.map((each) => (
          <button
            key={each}
            type="button"
            className="chip"
            aria-pressed={each === by}
            onClick={() => setQuery({ by: each === "state" ? "" : each })}
          >
            by {each}
          </button>
        ))}
      </span>
      {by === "state" ? (
        <>
          {states.slice(0, -1).map((state) => (
            <StateMark key={state} state={state} />
          ))}
          <span className="state">
            <i className="strip" /> time at its task, beside what tasks take
          </span>
        </>
      ) : (
        <span className="state">
          nothing <i className="ramp" /> the dearest agent of its team
        </span>
      )}
    </div>
  );
}

function describe(cells: readonly Cell[]): string {
  const counts = states.map((state) => [cells.filter(({ agent }) => agent.state === state).length, state] as const);
  const told = counts.filter(([count]) => count > 0).map(([count, state]) => `${count} ${state}`);
  return `${cells.length} agents: ${told.join(", ")}`;
}
