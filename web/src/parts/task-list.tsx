/** Tasks by state, searched and filtered by what the address says; only those in sight are drawn. */
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useRef } from "react";
import type { TaskSummary } from "../../../src/api/wire.ts";
import { count, shortAgent, usd } from "../format.ts";
import { follow, setQuery, taskHref } from "../location.ts";
import { Empty, StateMark } from "./basics.tsx";

const order = ["running", "verifying", "merging", "queued", "blocked", "failed", "skipped", "cancelled", "done"];
const rowPx = 48;

export function TaskList({ tasks, query, ready }: { tasks: TaskSummary[]; query: URLSearchParams; ready: boolean }) {
  const text = query.get("q") ?? "";
  const state = query.get("state") ?? "";
  const counts = Map.groupBy(tasks, (task) => task.state);
  const found = tasks.filter((task) => (state === "" || task.state === state) && fits(task, text)).sort(byState);
  return (
    <>
      <search className="filters">
        <input
          type="search"
          placeholder="Search tasks"
          aria-label="Search tasks"
          value={text}
          onChange={(event) => setQuery({ q: event.target.value })}
        />
        {order
          .filter((each) => counts.has(each as TaskSummary["state"]) || each === state)
          .map((each) => (
            <button
              key={each}
              type="button"
              className="chip"
              aria-pressed={each === state}
              onClick={() => setQuery({ state: each === state ? "" : each })}
            >
              <StateMark state={each} /> {count(counts.get(each as TaskSummary["state"])?.length ?? 0)}
            </button>
          ))}
      </search>
      {found.length > 0 ? <Rows tasks={found} /> : <Nothing ready={ready} any={tasks.length > 0} />}
    </>
  );
}

function Nothing({ ready, any }: { ready: boolean; any: boolean }) {
  if (!ready) return <p className="dim">Reading the tasks…</p>;
  if (any) return <Empty title="No task fits">Search for something else, or take the filter away.</Empty>;
  return <Empty title="No tasks yet">They appear when the goal is split; that takes a model about a minute.</Empty>;
}

function Rows({ tasks }: { tasks: TaskSummary[] }) {
  const list = useRef<HTMLUListElement>(null);
  const rows = useWindowVirtualizer({
    count: tasks.length,
    estimateSize: () => rowPx,
    overscan: 12,
    scrollMargin: list.current?.offsetTop ?? 0,
  });
  return (
    <ul ref={list} className="rows" aria-label={`${tasks.length} tasks`} style={{ height: rows.getTotalSize() }}>
      {rows.getVirtualItems().map(({ index, start }) => {
        const task = tasks[index];
        if (!task) return null;
        const top = start - rows.options.scrollMargin;
        return (
          <li key={task.id} style={{ transform: `translateY(${top}px)`, height: rowPx }}>
            <a href={taskHref(task.id)} onClick={follow}>
              <StateMark state={task.state} />
              <span className="title">
                <b>{task.key}</b> <span className="dim">{task.title}</span>
              </span>
              <span className="dim side">{sideOf(task)}</span>
              <span className="dim side">{task.attempts > 1 ? `${task.attempts} attempts` : ""}</span>
              <span className="number">{task.costUsd > 0 && usd(task.costUsd)}</span>
            </a>
          </li>
        );
      })}
    </ul>
  );
}

/** Why it ended, or who works on it. */
function sideOf({ state, reason, agent }: TaskSummary): string {
  if (state === "failed" || state === "skipped") return reason ?? "";
  return agent === null ? "" : shortAgent(agent);
}

function fits(task: TaskSummary, text: string): boolean {
  const wanted = text.toLowerCase();
  return [task.key, task.title, task.reason ?? ""].some((each) => each.toLowerCase().includes(wanted));
}

function byState(a: TaskSummary, b: TaskSummary): number {
  return order.indexOf(a.state) - order.indexOf(b.state);
}
