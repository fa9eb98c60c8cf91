/** One task: why it is where it is, what its agents say and do, and what a person can do about it. */
import { useQuery } from "@tanstack/react-query";
import type { AttemptView, TaskDetail, Why } from "../../../src/api/wire.ts";
import { apiPath, get } from "../api.ts";
import { clock, duration, keyOf, short, shortAgent, usd } from "../format.ts";
import { useLiveTeam } from "../live/use-live.ts";
import { follow, setQuery, taskHref, teamHref } from "../location.ts";
import { Missing, StateMark, Tabs } from "../parts/basics.tsx";
import { AgentControls, TaskControls } from "../parts/controls.tsx";
import { Diff } from "../parts/diff.tsx";
import { GateLog } from "../parts/gate-log.tsx";
import { Transcript } from "../parts/transcript.tsx";

const tabs = ["transcript", "diff", "gates", "prompt"];

export function TaskPage({ id, query }: { id: string; query: URLSearchParams }) {
  const teamId = id.split("/", 1)[0] ?? "";
  const team = useLiveTeam(teamId);
  const known = team.state.tasks.get(id);
  // Read anew with each step of it that the stream tells of.
  const step = `${known?.state} ${known?.attempts} ${known?.agent}`;
  const detail = useQuery({
    queryKey: ["task", id, step],
    queryFn: () => get<TaskDetail>(apiPath`/api/v1/tasks/${id}`),
    placeholderData: (before) => before,
    refetchInterval: 3_000,
  });
  const why = useQuery({
    queryKey: ["why", id, step],
    queryFn: () => get<Why>(apiPath`/api/v1/tasks/${id}/why`),
    placeholderData: (before) => before,
    refetchInterval: 2_000,
  });
  const task = detail.data;
  if (!task)
    return detail.error ? (
      <Missing title="No such task" error={detail.error} />
    ) : (
      <p className="dim">Reading the task…</p>
    );
  const number = Number(query.get("attempt")) || task.attempts;
  const attempt = task.attemptList.find((each) => each.number === number);
  const agent = attempt && attempt.endedAt === null ? team.state.agents.get(attempt.agent) : undefined;
  return (
    <>
      <header className="head">
        <div>
          <p className="crumbs">
            <a href={teamHref(teamId)} onClick={follow}>
              {team.state.status?.team.name ?? teamId}
            </a>
          </p>
          <h1>{task.key}</h1>
          <p className="dim">{task.title}</p>
        </div>
        <div className="actions">
          <StateMark state={known?.state ?? task.state} />
          <TaskControls task={task} />
        </div>
      </header>
      <Because why={why.data} />
      <Needs task={task} team={teamId} />
      <Attempts task={task} open={number} />
      {attempt && <AttemptFacts attempt={attempt} />}
      {agent && <AgentControls agent={agent} />}
      <Work task={task} attempt={attempt} activity={agent?.activity ?? ""} query={query} />
    </>
  );
}

function Because({ why }: { why: Why | undefined }) {
  if (!why) return null;
  return (
    <section className="because" aria-label="Why">
      <p>
        {why.state}, because <b>{why.because}</b>
      </p>
      {why.facts.length > 0 && (
        <ul>
          {why.facts.map((fact) => (
            <li key={fact}>{fact}</li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Needs({ task, team }: { task: TaskDetail; team: string }) {
  const lists = [
    ["needs", task.needs],
    ["needed by", task.dependents.map(keyOf)],
  ] as const;
  return lists
    .filter(([, keys]) => keys.length > 0)
    .map(([label, keys]) => (
      <p key={label} className="dim needs">
        {label}{" "}
        {keys.slice(0, 20).map((key) => (
          <a key={key} href={taskHref(`${team}/${key}`)} onClick={follow}>
            {key}
          </a>
        ))}
      </p>
    ));
}

function Attempts({ task, open }: { task: TaskDetail; open: number }) {
  if (task.attemptList.length < 2) return null;
  return (
    <nav className="filters" aria-label="Attempts">
      {task.attemptList.map(({ number, state }) => (
        <button
          key={number}
          type="button"
          className="chip"
          aria-pressed={number === open}
          onClick={() => setQuery({ attempt: number === task.attempts ? "" : String(number) })}
        >
          attempt {number} <StateMark state={state} />
        </button>
      ))}
    </nav>
  );
}

function AttemptFacts({ attempt }: { attempt: AttemptView }) {
  const { tokens, failure, resumption } = attempt;
  const took = attempt.endedAt === null ? null : Date.parse(attempt.endedAt) - Date.parse(attempt.leasedAt);
  const facts = [
    ["attempt", `${attempt.number} by ${shortAgent(attempt.agent)}`],
    ["began", clock(attempt.leasedAt)],
    ["took", took === null ? "under way" : duration(took)],
    ["cost", usd(attempt.costUsd)],
    ["tokens", `${short(tokens.input + tokens.cacheRead)} read, ${short(tokens.output)} written`],
    ["files", attempt.files === null ? "—" : String(attempt.files)],
  ];
  return (
    <section className="facts" aria-label="The attempt">
      <dl>
        {facts.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {failure && (
        <details className="failure">
          <summary>
            <b>{failure.reason}</b> {failure.detail.split("\n", 1)[0]}
          </summary>
          <pre>{failure.detail}</pre>
        </details>
      )}
      {resumption && (
        <p className="dim">
          {"refused" in resumption
            ? `Began from the start: ${resumption.refused}`
            : `Goes on where a lost attempt was, which saved ${usd(resumption.saved.costUsd)}.`}
        </p>
      )}
      {attempt.endedAt !== null && (
        <p className="dim">
          Kept as <code>{attempt.ref}</code>
        </p>
      )}
    </section>
  );
}

function Work({
  task,
  attempt,
  activity,
  query,
}: {
  task: TaskDetail;
  attempt: AttemptView | undefined;
  /** What its agent does right now, or "". */
  activity: string;
  query: URLSearchParams;
}) {
  const tab = tabs.find((each) => each === query.get("tab")) ?? (attempt ? "transcript" : "prompt");
  return (
    <>
      <Tabs tabs={tabs} open={tab} label="What to look at" onOpen={(open) => setQuery({ tab: open })} />
      {tab === "prompt" && <pre className="log">{task.prompt}</pre>}
      {tab === "diff" && attempt && <Diff attempt={attempt} />}
      {tab === "transcript" && attempt && (
        <Transcript key={attempt.id} attempt={attempt.id} live={attempt.endedAt === null} activity={activity} />
      )}
      {tab === "gates" && attempt && <GateLog attempt={attempt.id} live={attempt.endedAt === null} />}
      {tab !== "prompt" && !attempt && <p className="dim">No agent has worked on it yet.</p>}
    </>
  );
}
