/** Teams that are over: what they were to do, what became of it, and what it cost. */
import { useQuery } from "@tanstack/react-query";
import type { TeamSummary } from "../../../src/api/wire.ts";
import { get } from "../api.ts";
import { ago, count, duration, usd } from "../format.ts";
import { Empty, Stat, Trouble } from "../parts/basics.tsx";
import { Filters } from "../parts/filters.tsx";
import { TeamCard } from "../parts/team-card.tsx";

const states = ["done", "failed", "killed"];
const maxShown = 300;

export function HistoryPage({ query }: { query: URLSearchParams }) {
  const { data, error } = useQuery({
    queryKey: ["teams"],
    queryFn: async () => (await get<{ items: TeamSummary[] }>("/api/v1/teams")).items,
  });
  if (!data) return error ? <Trouble error={error} /> : <p className="dim">Reading…</p>;
  const over = data.filter(({ endedAt }) => endedAt !== null).toReversed();
  if (over.length === 0)
    return <Empty title="Nothing is over yet">Teams that have ended are listed here, with all that they did.</Empty>;
  const text = (query.get("q") ?? "").toLowerCase();
  const state = query.get("state") ?? "";
  const found = over.filter(
    (team) =>
      (state === "" || team.state === state) &&
      [team.name, team.goal, team.repo].some((each) => each.toLowerCase().includes(text)),
  );
  return (
    <>
      <h1>History</h1>
      <Totals teams={found} />
      <Filters
        label="Search teams"
        hint="Search by name, goal or repository"
        text={query.get("q") ?? ""}
        state={state}
        states={states.map((each) => ({ state: each, count: over.filter((team) => team.state === each).length }))}
      />
      {found.length === 0 && <Empty title="No team fits">Search for something else, or take the filter away.</Empty>}
      <ul className="cards">
        {found.slice(0, maxShown).map((team) => (
          <Past key={team.id} team={team} />
        ))}
      </ul>
      {found.length > maxShown && <p className="dim lead">and {count(found.length - maxShown)} before them</p>}
    </>
  );
}

function Totals({ teams }: { teams: TeamSummary[] }) {
  const sum = (of: (team: TeamSummary) => number) => teams.reduce((total, team) => total + of(team), 0);
  const [done, total] = [sum(({ tasks }) => tasks.done), sum(({ tasks }) => tasks.total)];
  const spent = sum(({ spentUsd }) => spentUsd);
  return (
    <dl className="stats past">
      <Stat label="Teams" value={count(teams.length)} />
      <Stat label="Tasks done" value={count(done)} note={`of ${count(total)}`} />
      <Stat label="Spent" value={usd(spent)} note={done === 0 ? "" : `${usd(spent / done)} a task`} />
    </dl>
  );
}

function Past({ team }: { team: TeamSummary }) {
  const endedAt = team.endedAt ?? team.createdAt;
  return (
    <TeamCard team={team} more={`, ${usd(team.spentUsd)}`}>
      <span title={new Date(endedAt).toLocaleString("en-GB")}>
        {ago(endedAt)}, took {duration(Date.parse(endedAt) - Date.parse(team.createdAt))}
      </span>
    </TeamCard>
  );
}
