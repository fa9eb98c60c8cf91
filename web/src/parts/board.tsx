/** A column for each state, a card for each task; of very many the first are drawn, and the rest is counted. */
import type { TaskSummary } from "../../../src/api/wire.ts";
import { count, shortAgent, usd } from "../format.ts";
import { follow, setQuery, taskHref } from "../location.ts";
import { Empty, StateMark } from "./basics.tsx";

const maxCards = 60;
const columns: [title: string, states: TaskSummary["state"][]][] = [
  ["Blocked", ["blocked"]],
  ["Queued", ["queued"]],
  ["At work", ["running"]],
  ["Checking", ["verifying", "merging"]],
  ["Done", ["done"]],
  ["Given up", ["failed", "skipped", "cancelled"]],
];

export function Board({ tasks }: { tasks: TaskSummary[] }) {
  if (tasks.length === 0) return <Empty title="No tasks yet">They appear when the goal is split.</Empty>;
  return (
    <div className="board">
      {columns.map(([title, states]) => (
        <Column key={title} title={title} tasks={tasks.filter(({ state }) => states.includes(state))} />
      ))}
    </div>
  );
}

function Column({ title, tasks }: { title: string; tasks: TaskSummary[] }) {
  const shown = tasks.slice(-maxCards).toReversed();
  return (
    <section aria-label={title}>
      <h2>
        {title} <span className="dim">{count(tasks.length)}</span>
      </h2>
      <ul>
        {shown.map((task) => (
          <li key={task.id}>
            <a className="card" href={taskHref(task.id)} onClick={follow}>
              <b>{task.key}</b>
              <span className="row dim">
                <StateMark state={task.state} />
                <span>{task.state === "running" && task.agent !== null ? shortAgent(task.agent) : costOf(task)}</span>
              </span>
            </a>
          </li>
        ))}
      </ul>
      {tasks.length > shown.length && (
        <button type="button" className="quiet" onClick={() => setQuery({ view: "", state: tasks[0]?.state ?? "" })}>
          and {count(tasks.length - shown.length)} more
        </button>
      )}
    </section>
  );
}

function costOf({ costUsd }: TaskSummary): string {
  return costUsd > 0 ? usd(costUsd) : "";
}
