/** What the map shows of each agent. Pure. */
import type { AgentView } from "../../../src/api/wire.ts";
import type { TeamState } from "../live/team-state.ts";

export const shades = ["state", "spend"] as const;
export type ShadeBy = (typeof shades)[number];

export interface Cell {
  agent: AgentView;
  /** How long it has been at its task, in ms; null at none. */
  forMs: number | null;
  /** That beside what tasks take, from 0 to 1; null at none. */
  progress: number | null;
  /** Of the dearest agent's spending, from 0 to 1; null where the colour tells the state. */
  shade: number | null;
}

interface Shown {
  by: ShadeBy;
  /** What tasks take, in ms; null where none is done: then the one that is longest at work is the measure. */
  workMs: number | null;
  /** Unix ms. */
  now: number;
}

/** Of the agents that have not stopped. O(agents). */
export function cellsOf({ agents, tasks }: TeamState, { by, workMs, now }: Shown): Cell[] {
  const shown = [...agents.values()].filter(({ state }) => state !== "stopped");
  const since = shown.map(({ task }) => (task === null ? null : (tasks.get(task)?.leasedAt ?? null)));
  const spans = since.map((iso) => (iso === null ? null : Math.max(0, now - Date.parse(iso))));
  const most = Math.max(1, workMs ?? 0, ...(workMs === null ? spans.map((ms) => ms ?? 0) : []));
  const dearest = Math.max(0, ...shown.map(({ costUsd }) => costUsd));
  return shown.map((agent, i): Cell => {
    const forMs = spans[i] ?? null;
    return {
      agent,
      forMs,
      progress: forMs === null ? null : Math.min(1, forMs / most),
      shade: by === "state" ? null : dearest === 0 ? 0 : agent.costUsd / dearest,
    };
  });
}

export function shadeBy(query: URLSearchParams): ShadeBy {
  return shades.find((each) => each === query.get("by")) ?? "state";
}
