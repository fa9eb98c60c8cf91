import type { Engine } from "../engine/engine.ts";
import type { State } from "../engine/state.ts";
import { iso } from "../lib/clock.ts";
import { GodelError } from "../lib/errors.ts";
import type { Attempt, Task } from "../model/records.ts";
import { findTask, findTeam } from "./look-up.ts";
import type { NodeLinks } from "./node-link.ts";
import { cut, isAmong } from "./paging.ts";
import type { Serve } from "./serve.ts";
import { refOf } from "./views.ts";
import type { AttemptDiff, AttemptLog, AttemptTranscript, TimelineEntry } from "./wire.ts";

const maxLines = 10_000;

/** Lines of a diff; more are for git. */
const maxDiffLines = 5_000;

/** When each attempt of a team was under way. */
export function addTimelineRoute(serve: Serve, engine: Engine): void {
  serve("getTimeline", async ({ params, query }) => {
    const { state, team } = await findTeam(engine, params.team);
    const attempts = [...state.attempts.values()].filter(
      (attempt) =>
        attempt.team === team.id &&
        isAmong(query.state, attempt.state) &&
        (query.agent ?? attempt.agent) === attempt.agent &&
        (query.task ?? attempt.task) === attempt.task,
    );
    const { page, nextCursor } = cut(attempts, query, ({ id }) => id);
    const items = page.map(({ id, task, agent, state, leasedAt, endedAt }): TimelineEntry => {
      return {
        attempt: id,
        task,
        agent,
        state,
        leasedAt: iso(leasedAt),
        endedAt: endedAt === null ? null : iso(endedAt),
      };
    });
    return { items, nextCursor };
  });
}

/** What the agent of one attempt said and did, or what its gates printed: the last lines. */
export function addAttemptRoutes(serve: Serve, { engine, links }: { engine: Engine; links: NodeLinks }): void {
  serve("getAttemptLog", async ({ params, query }) => {
    const { what = "transcript", lines = "400" } = query;
    const attempt = (await findAttempt(engine, params.attempt)).attempt.id;
    const log = await links.ask({ type: "log", attempt, what, maxLines: Math.min(Number(lines), maxLines) });
    return { attempt, what, ...log } satisfies AttemptLog;
  });
  serve("getAttemptTranscript", async ({ params, query: { file = "", from = "0", heard } }) => {
    const attempt = (await findAttempt(engine, params.attempt)).attempt.id;
    const live = heard === undefined ? {} : { heard: Number(heard) };
    // A node of an older version tells nothing of what is being said.
    const {
      saying = [],
      heard: told = 0,
      ...piece
    } = await links.ask({
      type: "transcript",
      attempt,
      file,
      from: Number(from),
      ...live,
    });
    return { attempt, ...piece, saying, heard: told } satisfies AttemptTranscript;
  });
  serve("getAttemptDiff", async ({ params }) => {
    const { state, task, attempt } = await findAttempt(engine, params.attempt);
    // Work that was given up is kept a moment after the attempt's end, and only the repository knows of it.
    const commit = attempt.commit ?? refOf(state, task, attempt);
    const repo = engine.state.teams.get(attempt.team)?.repo ?? "";
    const patch = await links.ask({ type: "patch", repo, commit, maxLines: maxDiffLines });
    return { attempt: attempt.id, ...patch } satisfies AttemptDiff;
  });
}

/** @throws GodelError NOT_FOUND, and where there is no such task */
async function findAttempt(engine: Engine, id: string): Promise<{ state: State; task: Task; attempt: Attempt }> {
  const { state, task } = await findTask(engine, id.replace(/\/\d+$/, ""));
  const attempt = task.attempts.includes(id) ? state.attempts.get(id) : undefined;
  if (attempt === undefined) throw new GodelError("NOT_FOUND", `no attempt "${id}".`);
  return { state, task, attempt };
}
