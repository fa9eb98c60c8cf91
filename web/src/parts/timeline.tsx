/** Who worked on what, when: a lane for each agent, a bar for each attempt. */
import { useQuery } from "@tanstack/react-query";
import type { TimelineEntry } from "../../../src/api/wire.ts";
import { apiPath, get } from "../api.ts";
import { duration, keyOf, shortAgent } from "../format.ts";
import { follow, taskHref } from "../location.ts";
import { Empty, StateMark, Trouble } from "./basics.tsx";
import { ticksOf } from "./ticks.ts";

/** How often it is read anew while attempts are under way, in ms. */
const everyMs = 3_000;
const legend = ["running", "verifying", "accepted", "rejected", "failed", "lost", "cancelled"];

export default function Timeline({ team, version }: { team: string; version: number }) {
  const { data, error } = useQuery({
    queryKey: ["timeline", team, version],
    queryFn: async () => (await get<{ items: TimelineEntry[] }>(apiPath`/api/v1/teams/${team}/timeline`)).items,
    placeholderData: (before) => before,
    refetchInterval: ({ state }) => (state.data?.some(({ endedAt }) => endedAt === null) ? everyMs : false),
  });
  if (!data) return error ? <Trouble error={error} /> : <p className="dim">Reading attempts…</p>;
  if (data.length === 0) return <Empty title="No attempts yet">A bar appears as soon as an agent takes a task.</Empty>;
  const now = Date.now();
  const from = Math.min(...data.map(({ leasedAt }) => Date.parse(leasedAt)));
  const to = Math.max(...data.map(({ endedAt }) => (endedAt === null ? now : Date.parse(endedAt))), from + 1);
  const lanes = Map.groupBy(data, ({ agent }) => agent);
  const ticks = ticksOf(from, to);
  const share = (ms: number) => `${(100 * ms) / (to - from)}%`;
  return (
    <section className="timeline" aria-label={`Attempts over ${duration(to - from)}`}>
      <div className="lane axis" aria-hidden="true">
        <span />
        <div>
          {ticks.map((at) => (
            <time key={at} style={{ left: share(at - from) }}>
              {new Date(at).toLocaleTimeString("en-GB")}
            </time>
          ))}
        </div>
      </div>
      {[...lanes].map(([agent, attempts]) => (
        <div key={agent} className="lane">
          <span className="dim">{shortAgent(agent)}</span>
          <div>
            {ticks.map((at) => (
              <i key={at} style={{ left: share(at - from) }} />
            ))}
            {attempts.map((entry) => (
              <Bar key={entry.attempt} entry={entry} now={now} from={from} share={share} />
            ))}
          </div>
        </div>
      ))}
      <p className="legend">
        {legend
          .filter((state) => data.some((entry) => entry.state === state))
          .map((state) => (
            <StateMark key={state} state={state} />
          ))}
        <span className="dim">{duration(to - from)} in all</span>
      </p>
    </section>
  );
}

interface BarParts {
  entry: TimelineEntry;
  /** Unix ms. */
  now: number;
  from: number;
  /** Of the whole, for CSS. */
  share(ms: number): string;
}

function Bar({ entry: { task, state, leasedAt, endedAt }, now, from, share }: BarParts) {
  const start = Date.parse(leasedAt);
  const length = (endedAt === null ? now : Date.parse(endedAt)) - start;
  const title = `${keyOf(task)}, ${state}, ${duration(length)}`;
  return (
    <a
      href={taskHref(task)}
      onClick={follow}
      className={`s-${state}`}
      title={title}
      style={{ left: share(start - from), width: share(length) }}
    >
      <span className="hidden">{title}</span>
    </a>
  );
}
