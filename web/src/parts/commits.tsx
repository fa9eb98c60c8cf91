/** What was merged, the newest first, each with its diff. */
import { useState } from "react";
import type { TaskSummary } from "../../../src/api/wire.ts";
import { ago, usd } from "../format.ts";
import { follow, taskHref } from "../location.ts";
import { Empty } from "./basics.tsx";
import { Diff } from "./diff.tsx";

const maxShown = 200;

export function Commits({ tasks, branch }: { tasks: TaskSummary[]; branch: string }) {
  const merged = tasks
    .filter(({ state, commit }) => state === "done" && commit !== null)
    .sort((a, b) => (b.endedAt ?? "").localeCompare(a.endedAt ?? ""));
  if (merged.length === 0) {
    return <Empty title="Nothing is merged yet">A commit appears when the first task has passed its gates.</Empty>;
  }
  return (
    <>
      <p className="dim lead">
        {merged.length} on <code>{branch}</code>
      </p>
      <ul className="commits" aria-label="Merged commits">
        {merged.slice(0, maxShown).map((task) => (
          <Commit key={task.id} task={task} />
        ))}
      </ul>
      {merged.length > maxShown && <p className="dim">and {merged.length - maxShown} before them</p>}
    </>
  );
}

function Commit({ task }: { task: TaskSummary }) {
  const [open, setOpen] = useState(false);
  const attempt = { id: `${task.id}/${task.attempts}`, commit: task.commit, endedAt: task.endedAt };
  return (
    <li>
      <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary>
          <code>{task.commit?.slice(0, 7)}</code> <b>{task.title}</b>{" "}
          <span className="dim">
            {task.endedAt !== null && ago(task.endedAt)}
            {task.costUsd > 0 && ` · ${usd(task.costUsd)}`}
          </span>
        </summary>
        {open && (
          <>
            <p className="dim">
              <a href={taskHref(task.id)} onClick={follow}>
                {task.key}
              </a>
              , attempt {task.attempts}
            </p>
            <Diff attempt={attempt} />
          </>
        )}
      </details>
    </li>
  );
}
