import { shortAgent } from "../format.ts";
import type { WireEvent } from "../live/team-state.ts";
import { follow, taskHref } from "../location.ts";
import { Empty } from "./basics.tsx";

/** What happened since the page was opened, the newest first. */
export function News({ events }: { events: WireEvent[] }) {
  if (events.length === 0)
    return <Empty title="Nothing has happened yet">Each event appears here as it happens.</Empty>;
  return (
    <ol className="news" aria-label="Events">
      {events.map((event, i) => {
        const task = String(event.task ?? event.attempt ?? "").replace(/^([^/]+\/[^/]+)\/\d+$/, "$1");
        return (
          <li key={`${event.at} ${event.type} ${events.length - i}`}>
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
      })}
    </ol>
  );
}
