/** What is left of teams that are over, and may go. */
import type { Engine } from "../engine/engine.ts";
import { type State, teamIndex } from "../engine/state.ts";
import type { EndedTeam } from "../model/garbage.ts";
import type { Team } from "../model/records.ts";
import { teamEnded } from "../model/states.ts";
import type { NodeLinks } from "./node-link.ts";
import type { Serve } from "./serve.ts";

export function addGarbageRoute(
  serve: Serve,
  { engine, links }: { engine: Engine; links: Pick<NodeLinks, "ask"> },
): void {
  serve("collectGarbage", async ({ body }) => {
    const remove = !body.dryRun;
    const found = await links.ask({ type: "collect", teams: endedTeams(engine.state), remove });
    return { dryRun: !remove, ...found };
  });
}

/** Teams that nothing more is done for, each with why its work is kept all the same. */
export function endedTeams(state: State): EndedTeam[] {
  const over = [...state.teams.values()].filter(({ id, state: at }) => teamEnded(at) && !state.index.active.has(id));
  return over.map((team) => {
    const { id, name, repo, base, branch } = team;
    return { id, name, repo, base, branch, keep: whyKept(state, team) };
  });
}

/** A task that is tried again goes on from the branch. */
function whyKept(state: State, team: Team): string | null {
  const { merging, failed, cancelled, skipped } = teamIndex(state, team.id).taskCounts;
  if (merging > 0) return "a merge of its team is under way";
  if (team.state === "killed") return null;
  if (team.state === "failed" || failed + cancelled + skipped > 0) return "a task of its team may be tried again";
  return null;
}
