/** Everything at once: what all agents do, what it costs, what needs a look. */
import { useQuery } from "@tanstack/react-query";
import type { TeamSummary } from "../../../src/api/wire.ts";
import { get } from "../api.ts";
import { count, usd } from "../format.ts";
import type { LiveTeam } from "../live/live-team.ts";
import { useLiveTeams } from "../live/use-live.ts";
import { follow, navigate, taskHref, teamHref } from "../location.ts";
import { AgentMap, MapLegend } from "../parts/agent-map.tsx";
import { Empty, Stat, Trouble } from "../parts/basics.tsx";
import { BudgetBar } from "../parts/budget-bar.tsx";
import { type ShadeBy, shadeBy } from "../parts/cells.ts";
import { TeamCard } from "../parts/team-card.tsx";
import { WaitStat } from "../parts/wait-stat.tsx";

/** Streams that one page keeps open. */
const maxStreams = 24;
/** Teams that are over, and shown beside the live ones; all are in the history. */
const maxPast = 6;
const ended = new Set(["done", "failed", "killed"]);

export function Fleet({ query }: { query: URLSearchParams }) {
  const by = shadeBy(query);
  const teams = useQuery({
    queryKey: ["teams"],
    queryFn: async () => (await get<{ items: TeamSummary[] }>("/api/v1/teams")).items,
    refetchInterval: 2_000,
  });
  const items = teams.data ?? [];
  const live = items.filter(({ state }) => !ended.has(state));
  const followed = useLiveTeams(live.slice(-maxStreams).map(({ id }) => id));
  if (!teams.data) return teams.error ? <Trouble error={teams.error} /> : <p className="dim">Reading the fleet…</p>;
  if (items.length === 0) {
    return (
      <Empty title="No team yet">
        <a href="/spawn" onClick={follow}>
          Put some agents to work
        </a>
        , and they appear here. Or: <code>godel team spawn --count 10 --model demo --task TEXT</code>
      </Empty>
    );
  }
  return (
    <>
      <h1 className="hidden">Fleet</h1>
      <Trouble error={teams.error} />
      <Totals teams={followed.teams} items={items} />
      {followed.teams.map((team) => (
        <LiveMap key={team.id} team={team} by={by} />
      ))}
      {followed.teams.length > 0 && <MapLegend by={by} />}
      <h2 className="row">
        Teams{" "}
        <a className="dim" href="/history" onClick={follow}>
          History
        </a>
      </h2>
      <ul className="cards">
        {[
          ...live.toReversed(),
          ...items
            .filter(({ state }) => ended.has(state))
            .slice(-maxPast)
            .toReversed(),
        ].map((team) => (
          <TeamCard key={team.id} team={team}>
            <span>
              {usd(team.spentUsd)}
              {team.budgetUsd === null ? "" : ` of ${usd(team.budgetUsd)}`}
            </span>
          </TeamCard>
        ))}
      </ul>
    </>
  );
}

function Totals({ teams, items }: { teams: LiveTeam[]; items: TeamSummary[] }) {
  const states = teams.flatMap(({ state: { status } }) => (status ? [status] : []));
  const sum = (of: (status: (typeof states)[number]) => number) => states.reduce((total, each) => total + of(each), 0);
  const busy = sum(({ agents }) => agents.busy);
  const alerts = states.flatMap(({ team, alerts }) => alerts.map((text) => ({ team, text })));
  const budgets = states.map(({ cost }) => cost.budgetUsd);
  const budget =
    budgets.length > 0 && budgets.every((each) => each !== null) ? sum(({ cost }) => cost.budgetUsd ?? 0) : null;
  const spent = items.reduce((total, { spentUsd }) => total + spentUsd, 0);
  const money = {
    budgetUsd: budget,
    spentUsd: sum(({ cost }) => cost.spentUsd),
    reservedUsd: sum(({ cost }) => cost.reservedUsd),
    forecastUsd: states.every(({ cost }) => cost.forecastUsd !== null)
      ? sum(({ cost }) => cost.forecastUsd ?? 0)
      : null,
  };
  const open = sum(({ tasks }) => tasks.total - tasks.done - tasks.failed - tasks.cancelled - tasks.skipped);
  return (
    <>
      <dl className="stats">
        <Stat label="Agents" value={count(sum(({ agents }) => agents.total))} note={`${count(busy)} at work`} />
        <Stat label="Open tasks" value={count(open)} note={`${count(sum(({ tasks }) => tasks.queued))} queued`} />
        <Stat
          label="Spent by live teams"
          value={usd(money.spentUsd)}
          note={budget === null ? `${usd(spent)} by all` : `of ${usd(budget)}`}
        />
        <Stat label="Burn" value={`${usd(sum(({ cost }) => cost.burnUsdPerHour))}/h`} note={forecast(states)} />
        <WaitStat flows={teams.map(({ flow }) => flow)} />
      </dl>
      {states.length > 0 && <BudgetBar cost={money} />}
      {alerts.length > 0 && (
        <ul className="alerts" aria-label="Alerts">
          {alerts.map(({ team, text }) => (
            <li key={team.id + text}>
              <a href={teamHref(team.id)} onClick={follow}>
                {team.name}
              </a>{" "}
              {text}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function forecast(states: { cost: { forecastUsd: number | null } }[]): string {
  const known = states.flatMap(({ cost }) => (cost.forecastUsd === null ? [] : [cost.forecastUsd]));
  return known.length === 0 ? "no forecast yet" : `${usd(known.reduce((a, b) => a + b, 0))} in the end`;
}

function LiveMap({ team, by }: { team: LiveTeam; by: ShadeBy }) {
  const { status } = team.state;
  if (!status) return null;
  return (
    <section className="panel">
      <h2>
        <a href={teamHref(team.id)} onClick={follow}>
          {status.team.name}
        </a>
        <span className="dim">
          {count(status.tasks.done)} of {count(status.tasks.total)} tasks done
        </span>
      </h2>
      <AgentMap
        team={team}
        by={by}
        onOpen={({ task }) => navigate(task === null ? `${teamHref(team.id)}?view=agents` : taskHref(task))}
      />
    </section>
  );
}
