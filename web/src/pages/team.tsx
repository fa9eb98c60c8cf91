/** One team: its tasks by state, their graph, who worked when, and its agents. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import type { TeamStatus } from "../../../src/api/wire.ts";
import { apiPath, get, post } from "../api.ts";
import { count, duration, short, usd } from "../format.ts";
import type { Flow } from "../live/flow.ts";
import type { LiveTeam } from "../live/live-team.ts";
import { useLiveTeam } from "../live/use-live.ts";
import { navigate, setQuery, taskHref } from "../location.ts";
import { AgentList } from "../parts/agent-list.tsx";
import { AgentMap, MapLegend } from "../parts/agent-map.tsx";
import { Missing, Stat, StateMark, Tabs, Trouble } from "../parts/basics.tsx";
import { Board } from "../parts/board.tsx";
import { BudgetBar } from "../parts/budget-bar.tsx";
import { shadeBy } from "../parts/cells.ts";
import { Commits } from "../parts/commits.tsx";
import { ConfirmButton } from "../parts/confirm.tsx";
import { News } from "../parts/news.tsx";
import { TaskList } from "../parts/task-list.tsx";
import { say } from "../parts/toasts.tsx";
import { WaitStat } from "../parts/wait-stat.tsx";

const TaskGraph = lazy(() => import("../parts/task-graph.tsx"));
const CostChart = lazy(() => import("../parts/cost-chart.tsx"));
const Timeline = lazy(() => import("../parts/timeline.tsx"));
const views = ["tasks", "board", "graph", "timeline", "agents", "commits", "cost", "events"];

export function TeamPage({ id, query }: { id: string; query: URLSearchParams }) {
  const team = useLiveTeam(id);
  const { status } = team.state;
  const view = views.find((each) => each === query.get("view")) ?? "tasks";
  const known = useQuery({
    queryKey: ["team", id],
    queryFn: () => get<TeamStatus>(apiPath`/api/v1/teams/${id}`),
    enabled: status === null,
  });
  if (!status)
    return known.error ? (
      <Missing title="No such team" error={known.error} />
    ) : (
      <p className="dim">Reading the team…</p>
    );
  return (
    <>
      <header className="head">
        <div>
          <h1>{status.team.name}</h1>
          <p className="dim clamp">{status.team.goal || status.team.repo}</p>
        </div>
        <Actions status={status} />
      </header>
      {status.team.reason !== "" && <p className="trouble">{status.team.reason}</p>}
      <Figures status={status} flow={team.flow} />
      <Tabs tabs={views} open={view} label="Views" onOpen={open} />
      <Suspense fallback={<p className="dim">Loading…</p>}>
        <View view={view} team={team} query={query} />
      </Suspense>
    </>
  );
}

/** What one list was searched and filtered by says nothing of another. */
function open(view: string): void {
  setQuery({ view: view === "tasks" ? "" : view, q: "", state: "" });
}

function View({ view, team, query }: { view: string; team: LiveTeam; query: URLSearchParams }) {
  const { state, version } = team;
  const tasks = [...state.tasks.values()];
  switch (view) {
    case "graph":
      return <TaskGraph tasks={tasks} chosen={query.get("task") ?? ""} />;
    case "board":
      return <Board tasks={tasks} />;
    case "commits":
      return <Commits tasks={tasks} branch={state.status?.team.branch ?? ""} />;
    case "timeline":
      return <Timeline team={team.id} version={state.status?.tasks.done ?? version} />;
    case "agents":
      return (
        <>
          {(state.status?.agents.total ?? 0) > 0 && (
            <section className="panel" aria-label="Map">
              <AgentMap
                team={team}
                by={shadeBy(query)}
                onOpen={({ task }) => task !== null && navigate(taskHref(task))}
              />
              <MapLegend by={shadeBy(query)} />
            </section>
          )}
          <AgentList agents={[...state.agents.values()]} query={query} />
        </>
      );
    case "cost":
      return <CostChart team={team.id} tasks={tasks} />;
    case "events":
      return <News team={team} />;
    default:
      return <TaskList tasks={tasks} query={query} ready={team.ready} />;
  }
}

function Figures({ status: { agents, tasks, cost, timing, alerts }, flow }: { status: TeamStatus; flow: Flow }) {
  const { input, output, cacheRead } = cost.tokens;
  return (
    <>
      <dl className="stats">
        <Stat
          label="Tasks"
          value={`${count(tasks.done)} / ${count(tasks.total)}`}
          note={`${count(tasks.failed)} failed`}
        />
        <Stat
          label="Agents"
          value={count(agents.total)}
          note={`${count(agents.busy)} busy, ${count(agents.desired)} wanted`}
        />
        <Stat
          label="Spent"
          value={usd(cost.spentUsd)}
          note={`${cost.budgetUsd === null ? "" : `of ${usd(cost.budgetUsd)}, `}${short(input + output + cacheRead)} tokens`}
        />
        <Stat label="Forecast" value={usd(cost.forecastUsd)} note={`${usd(cost.burnUsdPerHour)}/h now`} />
        <WaitStat flows={[flow]} />
        <Stat label="Time" value={duration(timing.elapsedMs)} note={`ready in ${duration(timing.allReadyMs)}`} />
      </dl>
      <BudgetBar cost={cost} />
      {alerts.length > 0 && (
        <ul className="alerts" aria-label="Alerts">
          {alerts.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      )}
    </>
  );
}

function Actions({ status: { team } }: { status: TeamStatus }) {
  const act = useMutation({
    mutationFn: (action: string) => post(`${apiPath`/api/v1/teams/${team.id}`}/${action}`),
    onSuccess: (_status, action) => {
      if (action === "pause") say(`${team.name} is paused.`, () => act.mutate("resume"));
    },
  });
  const live = team.state === "running" || team.state === "paused" || team.state === "planning";
  return (
    <div className="actions">
      <StateMark state={team.state} />
      {team.state === "running" && (
        <button type="button" onClick={() => act.mutate("pause")}>
          Pause
        </button>
      )}
      {team.state === "paused" && (
        <button type="button" className="primary" onClick={() => act.mutate("resume")}>
          Resume
        </button>
      )}
      {live && (
        <ConfirmButton
          label="Kill"
          className="danger"
          question={`End team ${team.name}?`}
          onYes={() => act.mutate("kill")}
        >
          <p className="dim">Its agents stop, and what is open is cancelled. What is merged stays.</p>
        </ConfirmButton>
      )}
      <Trouble error={act.error} />
    </div>
  );
}
