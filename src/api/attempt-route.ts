import type { FastifyInstance } from "fastify";
import type { Engine } from "../engine/engine.ts";
import type { State } from "../engine/state.ts";
import { iso } from "../lib/clock.ts";
import { GodelError } from "../lib/errors.ts";
import type { Attempt, Task } from "../model/records.ts";
import { findTask, findTeam } from "./look-up.ts";
import type { NodeLinks } from "./node-link.ts";
import type { AttemptDiff, AttemptLog, TimelineEntry } from "./wire.ts";

const maxLines = 10_000;

/** Lines of a diff; more are for git. */
const maxDiffLines = 5_000;

type Asked = { Params: { attempt: string }; Querystring: { what?: "transcript" | "gates"; lines?: string } };

const query = {
  type: "object",
  properties: {
    what: { type: "string", enum: ["transcript", "gates"] },
    lines: { type: "string", pattern: "^\\d{1,5}$" },
  },
} as const;

/** When each attempt of a team was under way. */
export function addTimelineRoute(app: FastifyInstance, engine: Engine): void {
  app.get<{ Params: { team: string } }>("/api/v1/teams/:team/timeline", async ({ params }) => {
    const { state, team } = await findTeam(engine, params.team);
    const attempts = [...state.attempts.values()].filter((attempt) => attempt.team === team.id);
    const items = attempts.map(({ id, task, agent, state, leasedAt, endedAt }): TimelineEntry => {
      return {
        attempt: id,
        task,
        agent,
        state,
        leasedAt: iso(leasedAt),
        endedAt: endedAt === null ? null : iso(endedAt),
      };
    });
    return { items };
  });
}

/** What the agent of one attempt said and did, or what its gates printed: the last lines. */
export function addAttemptRoute(app: FastifyInstance, { engine, links }: { engine: Engine; links: NodeLinks }): void {
  app.get<Asked>("/api/v1/attempts/:attempt/log", { schema: { querystring: query } }, async ({ params, query }) => {
    const { what = "transcript", lines = "400" } = query;
    const { task, state } = await findTask(engine, params.attempt.replace(/\/\d+$/, ""));
    const attempt = attemptOf(state, task, params.attempt).id;
    const log = await links.ask({ type: "log", attempt, what, maxLines: Math.min(Number(lines), maxLines) });
    return { attempt, what, ...log } satisfies AttemptLog;
  });
  app.get<{ Params: { attempt: string } }>("/api/v1/attempts/:attempt/diff", async ({ params }) => {
    const { task, state } = await findTask(engine, params.attempt.replace(/\/\d+$/, ""));
    const { id, commit, team } = attemptOf(state, task, params.attempt);
    if (commit === null) return { attempt: id, commit, lines: [], total: 0 } satisfies AttemptDiff;
    const repo = engine.state.teams.get(team)?.repo ?? "";
    const patch = await links.ask({ type: "patch", repo, commit, maxLines: maxDiffLines });
    return { attempt: id, commit, ...patch } satisfies AttemptDiff;
  });
}

/** @throws GodelError NOT_FOUND */
function attemptOf(state: State, task: Task, id: string): Attempt {
  const attempt = task.attempts.includes(id) ? state.attempts.get(id) : undefined;
  if (attempt === undefined) throw new GodelError("NOT_FOUND", `no attempt "${id}".`);
  return attempt;
}
