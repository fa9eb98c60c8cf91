/** Names and ids, as people type them, to the things they mean. */

import type { State } from "../engine/state.ts";
import { GodelError } from "../lib/errors.ts";
import { didYouMean } from "../lib/nearest.ts";
import type { Agent, Task, Team } from "../model/records.ts";
import { teamEnded } from "../model/states.ts";

/** What stands for a team that was left out: the one that lives, else the newest. */
const anyTeam = "-";

/** @throws GodelError TEAM_NOT_FOUND, TEAM_AMBIGUOUS */
export function resolveTeam(state: State, name: string): Team {
  if (name === anyTeam) return onlyTeam(state);
  const byId = state.teams.get(name);
  if (byId) return byId;
  const named = [...state.teams.values()].filter((team) => team.name === name);
  const live = named.filter((team) => !teamEnded(team.state));
  if (live.length > 1)
    throw new GodelError("TEAM_AMBIGUOUS", `${live.length} live teams are named "${name}"; use an id.`);
  const found = live[0] ?? named.at(-1);
  if (found) return found;
  const names = [...state.teams.values()].map((team) => team.name);
  throw new GodelError("TEAM_NOT_FOUND", `no team "${name}".${didYouMean(name, names)}`);
}

function onlyTeam(state: State): Team {
  const teams = [...state.teams.values()];
  const live = teams.filter((team) => !teamEnded(team.state));
  if (live.length > 1) {
    throw new GodelError(
      "TEAM_AMBIGUOUS",
      `${live.length} teams are live: ${live.map(({ name }) => name).join(", ")}.`,
    );
  }
  const found = live[0] ?? teams.at(-1);
  if (!found) throw new GodelError("TEAM_NOT_FOUND", "there is no team yet; start one with `godel team spawn`.");
  return found;
}

/** `TEAM/KEY` by name or id of the team, or a KEY alone where one team, or one live team, has it. */
export function resolveTask(state: State, name: string): Task {
  const slash = name.indexOf("/");
  if (slash > 0) {
    const team = resolveTeam(state, name.slice(0, slash));
    const task = state.tasks.get(`${team.id}/${name.slice(slash + 1)}`);
    if (task) return task;
    throw notFound(
      name.slice(slash + 1),
      team.tasks.map((id) => state.tasks.get(id)?.key ?? ""),
    );
  }
  const named = [...state.tasks.values()].filter((task) => task.key === name);
  const live = named.filter((task) => !teamEnded(state.teams.get(task.team)?.state ?? "done"));
  if (live.length > 1) throw new GodelError("TASK_AMBIGUOUS", `${live.length} live teams have a task "${name}".`);
  const found = live[0] ?? named.at(-1);
  if (found) return found;
  throw notFound(
    name,
    [...state.tasks.values()].slice(-10_000).map(({ key }) => key),
  );
}

function notFound(name: string, known: string[]): GodelError {
  return new GodelError("TASK_NOT_FOUND", `no task "${name}".${didYouMean(name, known)}`);
}

/** An agent's id, or its short end such as `a7` where one live team has it. */
export function resolveAgent(state: State, name: string): Agent {
  const byId = state.agents.get(name);
  if (byId) return byId;
  const named = [...state.agents.values()].filter((agent) => agent.id.endsWith(`-${name}`));
  const live = named.filter((agent) => !teamEnded(state.teams.get(agent.team)?.state ?? "done"));
  if (live.length > 1) throw new GodelError("AGENT_AMBIGUOUS", `${live.length} live teams have an agent "${name}".`);
  const found = live[0] ?? named.at(-1);
  if (found) return found;
  throw new GodelError("AGENT_NOT_FOUND", `no agent "${name}".`);
}
