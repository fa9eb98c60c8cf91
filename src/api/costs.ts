/** What was spent, as views show it: of a team now, and split by what it was spent on. Pure. */
import { agentOf, type State } from "../engine/state.ts";
import { iso, type Millis } from "../lib/clock.ts";
import type { Attempt, Team } from "../model/records.ts";
import { teamEnded } from "../model/states.ts";
import { addUsage, noUsage, type Usage, usageSince } from "../model/usage.ts";
import type { Cost, CostBy, CostRow, Tokens } from "./cost-wire.ts";

const hourMs = 3_600_000;

export function costOf(team: Team, done: number, live: { now: Millis; reservedUsd: number }): Cost {
  const { budgetUsd, budgetTokens = null, usage } = team;
  const spentUsd = usage.costUsd;
  const room = budgetUsd === null ? Number.POSITIVE_INFINITY : Math.max(0, budgetUsd - spentUsd);
  const perTaskUsd = done === 0 ? null : spentUsd / done;
  return {
    spentUsd,
    reservedUsd: teamEnded(team.state) ? 0 : Math.min(live.reservedUsd, room),
    budgetUsd,
    budgetTokens,
    perTaskUsd,
    burnUsdPerHour: teamEnded(team.state) ? 0 : burn(team, live.now),
    forecastUsd: teamEnded(team.state) ? spentUsd : perTaskUsd && perTaskUsd * Math.max(done, team.tasks.length),
    tokens: tokensOf(usage),
  };
}

/** USD an hour: what this hour and the one before it took, over the time of them that the team has been there. */
function burn({ hours = {}, createdAt }: Team, now: Millis): number {
  const hour = Math.floor(now / hourMs);
  const spent = [hour - 1, hour].reduce((sum, each) => sum + (hours[each]?.costUsd ?? 0), 0);
  // Less than a minute says nothing of an hour.
  const since = Math.max(60_000, now - Math.max(createdAt, (hour - 1) * hourMs));
  return (spent / since) * hourMs;
}

export function tokensOf({ input, output, cacheRead, cacheWrite }: Usage): Tokens {
  return { input, output, cacheRead, cacheWrite };
}

/** What teams have spent, split, the dearest first; by hour, the newest first. O(attempts). */
export function costRows(state: State, teams: readonly Team[], by: CostBy): CostRow[] {
  const sums = new Map<string, Usage>();
  const add = (key: string, usage: Usage) => sums.set(key, addUsage(sums.get(key) ?? noUsage, usage));
  for (const team of teams) {
    if (by === "hour")
      for (const [hour, usage] of Object.entries(team.hours ?? {})) add(iso(Number(hour) * hourMs), usage);
    else addAttempts(state, team, by, add);
  }
  const rows = [...sums].map(([key, usage]): CostRow => {
    return { key, requests: usage.requests, costUsd: usage.costUsd, tokens: tokensOf(usage) };
  });
  if (by === "hour") return rows.toSorted((a, b) => b.key.localeCompare(a.key));
  return rows.toSorted((a, b) => b.costUsd - a.costUsd || a.key.localeCompare(b.key));
}

type Split = Exclude<CostBy, "hour">;

/** What no attempt spent is planning. */
function addAttempts(state: State, team: Team, by: Split, add: (key: string, usage: Usage) => void): void {
  if (team.archived) return add(by === "model" ? team.model : `${team.name} (archived)`, team.usage);
  let rest = team.usage;
  for (const attempt of state.attempts.values()) {
    if (attempt.team !== team.id) continue;
    rest = usageSince(rest, attempt.usage);
    if (attempt.usage.requests > 0) add(keyOf(state, attempt, by), attempt.usage);
  }
  if (rest.requests > 0) add(by === "model" ? team.model : "(planning)", rest);
}

function keyOf(state: State, attempt: Attempt, by: Split): string {
  if (by === "task") return attempt.task;
  return by === "agent" ? attempt.agent : (attempt.tier?.model ?? agentOf(state, attempt.agent).model);
}
