/** Tasks by state, searched and filtered by what the address says; only those in sight are drawn. */
import { useMutation } from "@tanstack/react-query";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useRef } from "react";
import type { BulkTasks, TaskSummary } from "../../../src/api/wire.ts";
import { forTasks, toldOf } from "../bulk.ts";
import { count, shortAgent, usd } from "../format.ts";
import { follow, taskHref } from "../location.ts";
import { Empty, StateMark, Trouble } from "./basics.tsx";
import { ConfirmButton } from "./confirm.tsx";
import { Filters, statesOf } from "./filters.tsx";
import { say } from "./toasts.tsx";

const order = ["running", "verifying", "merging", "queued", "blocked", "failed", "skipped", "cancelled", "done"];
const rowPx = 48;

export function TaskList({ tasks, query, ready }: { tasks: TaskSummary[]; query: URLSearchParams; ready: boolean }) {
  const text = query.get("q") ?? "";
  const state = query.get("state") ?? "";
  const states = statesOf(tasks, order, state);
  const found = tasks.filter((task) => (state === "" || task.state === state) && fits(task, text)).sort(byState);
  return (
    <>
      <Filters label="Search tasks" hint="Search tasks" text={text} state={state} states={states} />
      {(state !== "" || text !== "") && <ForAll tasks={found} />}
      {found.length > 0 ? <Rows tasks={found} /> : <Nothing ready={ready} any={tasks.length > 0} />}
    </>
  );
}

const retryable = new Set<TaskSummary["state"]>(["failed", "cancelled"]);
const cancellable = new Set<TaskSummary["state"]>(["blocked", "queued", "running", "verifying"]);

/** What can be decided for all that a filter or a search has found. */
function ForAll({ tasks }: { tasks: TaskSummary[] }) {
  const act = useMutation({
    mutationFn: async ({ action, ids }: BulkTasks) => {
      const answer = await forTasks(action, ids);
      const undo = action === "cancel" ? () => act.mutate({ action: "retry", ids: answer.done }) : null;
      say(toldOf(answer, "task", action === "cancel" ? "cancelled" : "queued again"), undo);
    },
  });
  const failed = tasks.filter(({ state }) => retryable.has(state)).map(({ id }) => id);
  const open = tasks.filter(({ state }) => cancellable.has(state)).map(({ id }) => id);
  if (failed.length + open.length === 0) return null;
  return (
    <div className="actions lead">
      {failed.length > 0 && (
        <ConfirmButton
          label={`Retry ${count(failed.length)}`}
          question={`Try ${count(failed.length)} tasks again?`}
          onYes={() => act.mutate({ action: "retry", ids: failed })}
        >
          <p className="dim">Each begins a new attempt; it may cost as much as before.</p>
        </ConfirmButton>
      )}
      {open.length > 0 && (
        <ConfirmButton
          label={`Cancel ${count(open.length)}`}
          className="danger"
          question={`Cancel ${count(open.length)} tasks?`}
          onYes={() => act.mutate({ action: "cancel", ids: open })}
        >
          <p className="dim">What needs them is skipped. What they have done is kept; they can be retried.</p>
        </ConfirmButton>
      )}
      <Trouble error={act.error} />
    </div>
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
