/** What was spent: by the hour as a chart, and by model. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import type { CostReport, TaskSummary } from "../../../src/api/wire.ts";
import { apiPath, get } from "../api.ts";
import { count, short, usd } from "../format.ts";
import { follow, taskHref } from "../location.ts";
import { useTheme } from "../theme.ts";
import { Empty, StateMark, Trouble } from "./basics.tsx";
import "uplot/dist/uPlot.min.css";

export default function CostChart({ team, tasks }: { team: string; tasks: TaskSummary[] }) {
  const hours = useCosts(team, "hour");
  const models = useCosts(team, "model");
  const error = hours.error ?? models.error;
  if (!hours.data || !models.data) return error ? <Trouble error={error} /> : <p className="dim">Adding up…</p>;
  if (hours.data.items.length === 0)
    return <Empty title="Nothing spent yet">Costs appear with the first answer of a model.</Empty>;
  return (
    <>
      <Chart report={hours.data} />
      <h2>By model</h2>
      <ul className="rows plain" aria-label="Cost by model">
        {models.data.items.map(({ key, requests, costUsd, tokens }) => (
          <li key={key}>
            <span className="line">
              <span className="title">
                <b>{key}</b>
              </span>
              <span className="dim side">{count(requests)} requests</span>
              <span className="dim side">{short(tokens.input + tokens.output)} tokens</span>
              <span className="number">{usd(costUsd)}</span>
            </span>
          </li>
        ))}
      </ul>
      <Dearest tasks={tasks} />
    </>
  );
}

/** Tasks that are named; the list of all is a view of its own. */
const maxDearest = 15;

function Dearest({ tasks }: { tasks: TaskSummary[] }) {
  const dearest = tasks
    .filter(({ costUsd }) => costUsd > 0)
    .sort((a, b) => b.costUsd - a.costUsd)
    .slice(0, maxDearest);
  if (dearest.length === 0) return null;
  const most = dearest[0]?.costUsd ?? 1;
  return (
    <>
      <h2>Dearest tasks</h2>
      <ul className="rows plain" aria-label="Cost by task">
        {dearest.map((task) => (
          <li key={task.id}>
            <a href={taskHref(task.id)} onClick={follow}>
              <StateMark state={task.state} />
              <span className="title">
                <b>{task.key}</b> <span className="dim">{task.title}</span>
              </span>
              <span className="bar-of" aria-hidden="true">
                <i style={{ width: `${(100 * task.costUsd) / most}%` }} />
              </span>
              <span className="dim side">{task.attempts > 1 ? `${task.attempts} attempts` : ""}</span>
              <span className="number">{usd(task.costUsd)}</span>
            </a>
          </li>
        ))}
      </ul>
    </>
  );
}

const chartPx = 220;
const daySeconds = 24 * 3_600;

function useCosts(team: string, by: string) {
  return useQuery({
    queryKey: ["costs", team, by],
    queryFn: () => get<CostReport>(apiPath`/api/v1/costs?team=${team}&by=${by}`),
    refetchInterval: 5_000,
  });
}

function Chart({ report }: { report: CostReport }) {
  const place = useRef<HTMLDivElement>(null);
  const theme = useTheme();
  useEffect(() => {
    if (!place.current) return;
    const style = getComputedStyle(document.documentElement);
    const ink = style.getPropertyValue("--dim");
    const accent = style.getPropertyValue("--accent");
    const grid = { stroke: style.getPropertyValue("--line"), width: 1 };
    const hours = report.items.filter(({ key }) => !Number.isNaN(Date.parse(key)));
    const times = hours.map(({ key }) => Date.parse(key) / 1_000);
    const last = times.at(-1) ?? 0;
    const first = Math.min(times[0] ?? last, last - daySeconds);
    const axis = { stroke: ink, grid, ticks: { show: false } };
    const chart = new uPlot(
      {
        width: place.current.clientWidth,
        height: chartPx,
        legend: { show: false },
        // At least a day, so that the first hour does not fill all.
        scales: { x: { range: [first - 1_800, last + 1_800] }, y: { range: (_chart, _from, to) => [0, to * 1.1] } },
        axes: [
          { ...axis, values: (_chart, values) => values.map((at) => timeText(at, last - first)) },
          { ...axis, values: (_chart, values) => values.map((value) => usd(value)), size: 70 },
        ],
        series: [
          {},
          {
            stroke: accent,
            fill: `${accent}33`,
            paths: uPlot.paths.bars?.({ size: [0.8, 60] }),
            points: { show: false },
          },
        ],
      },
      [times, hours.map(({ costUsd }) => costUsd)],
      place.current,
    );
    const observer = new ResizeObserver(([entry]) => {
      chart.setSize({ width: Math.floor(entry?.contentRect.width ?? 0), height: chartPx });
    });
    observer.observe(place.current);
    return () => {
      observer.disconnect();
      chart.destroy();
    };
  }, [report, theme]);
  return <div ref={place} className="panel chart" role="img" aria-label="USD spent by hour" />;
}

/** Both in s. */
function timeText(at: number, span: number): string {
  const date = new Date(at * 1_000);
  if (span > 3 * daySeconds) return date.toLocaleDateString("en-GB", { day: "numeric", month: "short" });
  return date.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
}
