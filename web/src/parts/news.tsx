import { shortAgent } from "../format.ts";
import type { LiveTeam } from "../live/live-team.ts";
import { together, type WireEvent } from "../live/team-state.ts";
import { usePast } from "../live/use-past.ts";
import { follow, taskHref } from "../location.ts";
import { Empty } from "./basics.tsx";

/** What happened lately, the newest first, and what happens now. */
export function News({ team }: { team: LiveTeam }) {
  const past = usePast(team.id, team.seq, (team.state.status?.team.endedAt ?? null) !== null);
  const all = together(team.state.news, past ?? []);
  if (all.length === 0 && past === null) return <p className="dim">Reading what happened…</p>;
  if (all.length === 0) {
    return (
      <Empty title="Nothing happened lately">
        Each event appears here as it happens. Those of long ago have left the journal; the tasks tell what came of
        them.
      </Empty>
    );
  }
  return (
    <ol className="news" aria-label="Events">
      {all.map(({ seq, event }) => (
        <Line key={seq} event={event} />
      ))}
    </ol>
  );
}

function Line({ event }: { event: WireEvent }) {
  const task = String(event.task ?? event.attempt ?? "").replace(/^([^/]+\/[^/]+)\/\d+$/, "$1");
  return (
    <li>
      <time>{new Date(event.at).toLocaleTimeString("en-GB")}</time>
      <b>{event.type}</b>
      {task !== "" && (
        <a href={taskHref(task)} onClick={follow}>
          {task.replace(/^[^/]*\//, "")}
        </a>
      )}
      {typeof event.agent === "string" && <span className="dim">{shortAgent(event.agent)}</span>}
    </li>
  );
}
