/** Finds tasks and agents wherever they are: in the state, or kept of a team that left it. */
import type { Engine } from "../engine/engine.ts";
import type { State } from "../engine/state.ts";
import { codeOf } from "../lib/errors.ts";
import type { Agent, Task, Team } from "../model/records.ts";
import { resolveAgent, resolveTask, resolveTeam } from "./names.ts";

/** Archived teams that are looked through for a name without its team, the newest first; older ones need the team too. */
const maxLooked = 100;

/** The state that knows the team named `name`, and the team. @throws GodelError as `resolveTeam` does */
export async function findTeam(engine: Engine, name: string): Promise<{ state: State; team: Team }> {
  const { id } = resolveTeam(engine.state, name);
  const state = await engine.stateOf(id);
  return { state, team: resolveTeam(state, id) };
}

/** @throws GodelError as `resolveTask` does */
export async function findTask(engine: Engine, name: string): Promise<{ state: State; task: Task }> {
  const slash = name.indexOf("/");
  if (slash <= 0) return found(engine, "TASK_NOT_FOUND", (state) => ({ state, task: resolveTask(state, name) }));
  const { state, team } = await findTeam(engine, name.slice(0, slash));
  return { state, task: resolveTask(state, `${team.id}${name.slice(slash)}`) };
}

/** @throws GodelError as `resolveAgent` does */
export function findAgent(engine: Engine, name: string): Promise<{ state: State; agent: Agent }> {
  return found(engine, "AGENT_NOT_FOUND", (state) => ({ state, agent: resolveAgent(state, name) }), name);
}

/** What `resolve` finds in the state, else in an archived team. An id that begins with its team's is looked for there. */
async function found<T>(engine: Engine, notFound: string, resolve: (state: State) => T, id = ""): Promise<T> {
  try {
    return resolve(engine.state);
  } catch (error) {
    if (codeOf(error) !== notFound) throw error;
    for (const team of archivedTeams(engine.state, id)) {
      try {
        return resolve(await engine.stateOf(team));
      } catch (other) {
        if (codeOf(other) !== notFound) throw other;
      }
    }
    throw error;
  }
}

function archivedTeams({ teams }: State, id: string): string[] {
  const own = teams.get(id.slice(0, Math.max(0, id.lastIndexOf("-"))));
  if (own) return own.archived ? [own.id] : [];
  const archived = [...teams.values()].filter((team) => team.archived).map((team) => team.id);
  return archived.slice(-maxLooked).reverse();
}
