/**
 * The graph of tasks with their states; the longest chain of what is open is drawn in the accent. Of a task that is chosen,
 * what it waits for and what waits for it stands out. Laid out in a worker: 1,000 tasks take seconds, and the page goes on.
 */
import { Background, Controls, type Edge, type Node, Position, ReactFlow } from "@xyflow/react";
import ELK from "elkjs/lib/elk-api.js";
import workerUrl from "elkjs/lib/elk-worker.min.js?url";
import { useEffect, useMemo, useState } from "react";
import type { TaskSummary } from "../../../src/api/wire.ts";
import { count } from "../format.ts";
import { follow, setQuery, taskHref } from "../location.ts";
import { StateMark } from "./basics.tsx";
import { criticalPath } from "./critical-path.ts";
import { type Hanging, hangingOn } from "./hanging.ts";
import "@xyflow/react/dist/base.css";

const size = { width: 190, height: 40 };
type Spot = { x: number; y: number };

export default function TaskGraph({ tasks, chosen }: { tasks: TaskSummary[]; chosen: string }) {
  const spots = useLayout(tasks);
  // Most of what the stream tells changes nothing here.
  const states = tasks.map(({ key, state }) => `${key}:${state}`).join();
  const drawn = useMemo(() => (spots ? draw(tasks, spots, chosen) : null), [spots, states, chosen]);
  if (!drawn) return <p className="dim">Laying out {count(tasks.length)} tasks…</p>;
  const task = tasks.find(({ key }) => key === chosen);
  return (
    <>
      {task && drawn.hanging ? (
        <Chosen task={task} hanging={drawn.hanging} />
      ) : (
        <p className="dim lead">
          {drawn.critical > 1 && `The longest open chain has ${count(drawn.critical)} tasks. `}Choose a task to see what
          blocks it and what it holds up.
        </p>
      )}
      <div className="graph">
        <ReactFlow
          nodes={drawn.nodes}
          edges={drawn.edges}
          fitView
          fitViewOptions={inSight(chosen, drawn.hanging)}
          minZoom={0.05}
          nodesConnectable={false}
          nodesDraggable={false}
          onlyRenderVisibleElements
          onNodeClick={(_event, { id }) => setQuery({ task: id === chosen ? "" : id })}
          onPaneClick={() => setQuery({ task: "" })}
        >
          <Background gap={24} />
          <Controls showInteractive={false} />
        </ReactFlow>
      </div>
    </>
  );
}

function Chosen({ task, hanging: { blockers, roots, waiting } }: { task: TaskSummary; hanging: Hanging }) {
  const open = roots.slice(0, 5);
  return (
    <section className="choice" aria-label="The chosen task">
      <p>
        <a href={taskHref(task.id)} onClick={follow}>
          <b>{task.key}</b>
        </a>{" "}
        <StateMark state={task.state} /> <span className="dim">{task.title}</span>
      </p>
      <p className="dim">
        {blockers.size === 0 ? "Nothing stands before it" : `Waits for ${count(blockers.size)}, in the end for `}
        {open.map(({ id, key, state }, i) => (
          <span key={id}>
            {i > 0 && ", "}
            <a href={taskHref(id)} onClick={follow}>
              {key}
            </a>{" "}
            ({state})
          </span>
        ))}
        {roots.length > open.length && ` and ${roots.length - open.length} more`}; holds up{" "}
        {waiting.size === 0 ? "nothing" : count(waiting.size)}.
      </p>
    </section>
  );
}

/** At first all tasks, or what a chosen one has to do with. */
function inSight(chosen: string, hanging: Hanging | null) {
  return hanging ? { maxZoom: 1, nodes: [chosen, ...hanging.related].map((id) => ({ id })) } : {};
}

interface Drawn {
  nodes: Node[];
  edges: Edge[];
  /** How many tasks the longest open chain has. */
  critical: number;
  hanging: Hanging | null;
}

function draw(tasks: readonly TaskSummary[], spots: ReadonlyMap<string, Spot>, chosen: string): Drawn {
  const critical = criticalPath(tasks);
  const hanging = tasks.some(({ key }) => key === chosen) ? hangingOn(tasks, chosen) : null;
  const near = (key: string) => !hanging || key === chosen || hanging.related.has(key);
  const nodes = tasks.map((task): Node => {
    const marks = [critical.has(task.key) && "critical", !near(task.key) && "far", task.key === chosen && "chosen"];
    return {
      id: task.key,
      position: spots.get(task.key) ?? { x: 0, y: 0 },
      data: { label: task.key },
      className: ["vertex", `s-${task.state}`, ...marks].filter(Boolean).join(" "),
      ariaLabel: `${task.key}, ${task.state}`,
      sourcePosition: Position.Right,
      targetPosition: Position.Left,
      ...size,
    };
  });
  const edges = tasks.flatMap((task) =>
    task.needs.map((need): Edge => {
      const marks = [
        critical.has(need) && critical.has(task.key) && "critical",
        !(near(need) && near(task.key)) && "far",
      ];
      return {
        id: `${need} ${task.key}`,
        source: need,
        target: task.key,
        className: marks.filter(Boolean).join(" "),
      };
    }),
  );
  return { nodes, edges, critical: critical.size, hanging };
}

/** Laid out anew where tasks or needs change, not where states do. Null while that is under way. */
function useLayout(tasks: TaskSummary[]): Map<string, Spot> | null {
  const shape = tasks.map(({ key, needs }) => `${key}:${needs.join(",")}`).join(";");
  const [spots, setSpots] = useState<Map<string, Spot> | null>(null);
  useEffect(() => {
    let over = false;
    const elk = new ELK({ workerUrl });
    elk.layout(graphOf(shape)).then((graph) => {
      if (!over) setSpots(new Map(graph.children?.map(({ id, x = 0, y = 0 }) => [id, { x, y }])));
    });
    return () => {
      over = true;
      elk.terminateWorker();
    };
  }, [shape]);
  return spots;
}

const layoutOptions = {
  "elk.algorithm": "layered",
  "elk.direction": "RIGHT",
  "elk.layered.spacing.nodeNodeBetweenLayers": "60",
  "elk.spacing.nodeNode": "14",
};

/** Above this many a layout with fewer crossings is not worth its time. */
const manyTasks = 200;
const hasty = {
  "elk.layered.thoroughness": "1",
  "elk.layered.crossingMinimization.greedySwitch.type": "OFF",
  "elk.layered.nodePlacement.strategy": "SIMPLE",
};

/** `shape`: `key:need,need;…` */
function graphOf(shape: string) {
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
  const large = children.length > manyTasks;
  return { id: "root", layoutOptions: large ? { ...layoutOptions, ...hasty } : layoutOptions, children, edges };
}
