/** The graph of tasks with their states; the longest chain of what is open is drawn in the accent. */
import { Background, Controls, type Edge, type Node, Position, ReactFlow } from "@xyflow/react";
import ELK from "elkjs/lib/elk.bundled.js";
import { useEffect, useMemo, useState } from "react";
import type { TaskSummary } from "../../../src/api/wire.ts";
import { navigate, taskHref } from "../location.ts";
import { criticalPath } from "./critical-path.ts";
import "@xyflow/react/dist/base.css";

const size = { width: 190, height: 40 };
const elk = new ELK();
type Spot = { x: number; y: number };

export default function TaskGraph({ tasks }: { tasks: TaskSummary[] }) {
  const spots = useLayout(tasks);
  const critical = useMemo(() => criticalPath(tasks), [tasks]);
  if (!spots) return <p className="dim">Laying out {tasks.length} tasks…</p>;
  const nodes: Node[] = tasks.map((task) => ({
    id: task.key,
    position: spots.get(task.key) ?? { x: 0, y: 0 },
    data: { label: task.key },
    className: `vertex s-${task.state}${critical.has(task.key) ? " critical" : ""}`,
    ariaLabel: `${task.key}, ${task.state}`,
    sourcePosition: Position.Right,
    targetPosition: Position.Left,
    ...size,
  }));
  const edges: Edge[] = tasks.flatMap((task) =>
    task.needs.map((need) => ({
      id: `${need} ${task.key}`,
      source: need,
      target: task.key,
      className: critical.has(need) && critical.has(task.key) ? "critical" : "",
    })),
  );
  const ids = new Map(tasks.map(({ key, id }) => [key, id]));
  return (
    <div className="graph">
      <ReactFlow
        nodes={nodes}
        edges={edges}
        fitView
        minZoom={0.05}
        nodesConnectable={false}
        nodesDraggable={false}
        onlyRenderVisibleElements
        onNodeClick={(_event, { id }) => navigate(taskHref(ids.get(id) ?? id))}
      >
        <Background gap={24} />
        <Controls showInteractive={false} />
      </ReactFlow>
    </div>
  );
}

/** Laid out anew where tasks or needs change, not where states do. Null while that is under way. */
function useLayout(tasks: TaskSummary[]): Map<string, Spot> | null {
  const shape = tasks.map(({ key, needs }) => `${key}:${needs.join(",")}`).join(";");
  const [spots, setSpots] = useState<Map<string, Spot> | null>(null);
  useEffect(() => {
    let over = false;
    const lines = shape
      .split(";")
      .filter(Boolean)
      .map((line) => line.split(":"));
    const children = lines.map(([id = ""]) => ({ id, ...size }));
    const edges = lines.flatMap(([id = "", needs = ""]) =>
      needs
        .split(",")
        .filter(Boolean)
        .map((need) => ({ id: `${need} ${id}`, sources: [need], targets: [id] })),
    );
    const layoutOptions = {
      "elk.algorithm": "layered",
      "elk.direction": "RIGHT",
      "elk.layered.spacing.nodeNodeBetweenLayers": "60",
      "elk.spacing.nodeNode": "14",
    };
    elk.layout({ id: "root", layoutOptions, children, edges }).then((graph) => {
      if (over) return;
      setSpots(new Map(graph.children?.map(({ id, x = 0, y = 0 }) => [id, { x, y }])));
    });
    return () => {
      over = true;
    };
  }, [shape]);
  return spots;
}
