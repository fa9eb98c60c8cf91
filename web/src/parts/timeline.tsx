/** Who worked on what, when: a lane for each agent, a bar for each attempt. */
import { useQuery } from "@tanstack/react-query";
import type { AgentView, TimelineEntry } from "../../../src/api/wire.ts";
import { apiPath, get } from "../api.ts";
import { duration, keyOf, shortAgent } from "../format.ts";
import { follow, taskHref } from "../location.ts";
import { Empty, Trouble } from "./basics.tsx";

export default function Timeline({ team, version }: { team: string; version: number }) {
  const { data, error } = useQuery({
    queryKey: ["timeline", team, version],
    queryFn: async () => (await get<{ items: TimelineEntry[] }>(apiPath`/api/v1/teams/${team}/timeline`)).items,
    placeholderData: (before) => before,
  });
  if (!data) return error ? <Trouble error={error} /> : <p className="dim">Reading attempts…</p>;
  if (data.length === 0) return <Empty title="No attempts yet">A bar appears as soon as an agent takes a task.</Empty>;
  const now = Date.now();
  const from = Math.min(...data.map(({ leasedAt }) => Date.parse(leasedAt)));
  const to = Math.max(...data.map(({ endedAt }) => (endedAt === null ? now : Date.parse(endedAt))), from + 1);
  const lanes = Map.groupBy(data, ({ agent }) => agent as AgentView["id"]);
  return (
    <section className="timeline" aria-label={`Attempts over ${duration(to - from)}`}>
      {[...lanes].map(([agent, attempts]) => (
        <div key={agent} className="lane">
          <span className="dim">{shortAgent(agent)}</span>
          <div>
            {attempts.map(({ attempt, task, state, leasedAt, endedAt }) => {
              const start = Date.parse(leasedAt) - from;
              const length = (endedAt === null ? now : Date.parse(endedAt)) - from - start;
              const style = { left: `${(100 * start) / (to - from)}%`, width: `${(100 * length) / (to - from)}%` };
              const title = `${keyOf(task)}, ${state}, ${duration(length)}`;
              return (
                <a
                  key={attempt}
                  href={taskHref(task)}
                  onClick={follow}
                  className={`s-${state}`}
                  title={title}
                  style={style}
                >
                  <span className="hidden">{title}</span>
                </a>
              );
            })}
          </div>
        </div>
      ))}
      <p className="row dim">
        <span>start</span>
        <span>{duration(to - from)}</span>
      </p>
    </section>
  );
}
