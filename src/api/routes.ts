import type { FastifyInstance } from "fastify";
import type { Engine } from "../engine/engine.ts";
import { GodelError } from "../lib/errors.ts";
import type { Team } from "../model/records.ts";
import { resolveAgent, resolveTask, resolveTeam } from "./names.ts";
import type { NodeLinks } from "./node-link.ts";
import { addPlanRoute } from "./plan-route.ts";
import type { Planner } from "./planner.ts";
import { scaleSchema, spawnSchema, steerSchema } from "./schemas.ts";
import { spawnTeam } from "./spawn.ts";
import { agentViews, taskDetail, taskSummary, teamStatus, teamSummary } from "./views.ts";
import { why } from "./why.ts";
import type { AgentLog, ScaleRequest, SpawnRequest } from "./wire.ts";

export interface RouteParts {
  engine: Engine;
  links: NodeLinks;
  planner: Planner;
}

type Named<K extends string> = { Params: Record<K, string>; Querystring: Record<string, string | undefined> };

/** Everything under /api/v1 that reads or commands the fleet. */
export function addRoutes(app: FastifyInstance, parts: RouteParts): void {
  addTeamRoutes(app, parts);
  addTaskRoutes(app, parts);
  addAgentRoutes(app, parts);
  addPlanRoute(app, parts);
}

function addTeamRoutes(app: FastifyInstance, { engine, links, planner }: RouteParts): void {
  const { state } = engine;
  const status = (id: string) => {
    const team = resolveTeam(state, id);
    return teamStatus(state, team, { now: engine.now(), reservedUsd: links.reservedOf(team.id) });
  };

  app.get("/api/v1/teams", () => ({ items: [...state.teams.values()].map((team) => teamSummary(state, team)) }));
  app.post<{ Body: SpawnRequest }>("/api/v1/teams", { schema: { body: spawnSchema } }, async (request, reply) => {
    const team = await spawnTeam(engine, links, request.body);
    planner.poke();
    return reply.code(201).send(status(team.id));
  });
  app.get<Named<"team">>("/api/v1/teams/:team", ({ params }) => status(params.team));
  app.post<Named<"team"> & { Body: ScaleRequest }>(
    "/api/v1/teams/:team/scale",
    { schema: { body: scaleSchema } },
    async ({ params, body }) => {
      const team = resolveTeam(state, params.team);
      await engine.submit({ type: "scaleTeam", team: team.id, ...sizeOf(team, body) });
      return status(team.id);
    },
  );
  for (const [action, type] of [
    ["pause", "pauseTeam"],
    ["resume", "resumeTeam"],
    ["kill", "killTeam"],
  ] as const) {
    app.post<Named<"team">>(`/api/v1/teams/:team/${action}`, async ({ params }) => {
      const { id } = resolveTeam(state, params.team);
      await engine.submit({ type, team: id });
      return status(id);
    });
  }
}

/** @throws GodelError REQUEST_INVALID when nothing is asked for */
function sizeOf(team: Team, { count, min, max }: ScaleRequest): { desired: number; min: number; max: number } {
  if (min === undefined && max === undefined) {
    if (count === undefined) throw new GodelError("REQUEST_INVALID", "give count, or min or max, or both.");
    return { desired: count, min: count, max: count };
  }
  const bounds = { min: min ?? Math.min(team.min, max ?? team.min), max: max ?? Math.max(team.max, min ?? team.max) };
  return { desired: count ?? Math.min(Math.max(team.desired, bounds.min), bounds.max), ...bounds };
}

function addTaskRoutes(app: FastifyInstance, { engine, links }: RouteParts): void {
  const { state } = engine;
  app.get<Named<never>>("/api/v1/tasks", ({ query }) => {
    const team = resolveTeam(state, query.team ?? "-");
    const tasks = team.tasks.map((id) => resolveTask(state, id));
    const wanted = query.state === undefined ? tasks : tasks.filter((task) => task.state === query.state);
    return { items: wanted.map((task) => taskSummary(state, task)) };
  });
  app.get<Named<"task">>("/api/v1/tasks/:task", ({ params }) => taskDetail(state, resolveTask(state, params.task)));
  app.get<Named<"task">>("/api/v1/tasks/:task/why", ({ params }) =>
    why(state, resolveTask(state, params.task), links.activities),
  );
  for (const [action, type] of [
    ["retry", "retryTask"],
    ["cancel", "cancelTask"],
  ] as const) {
    app.post<Named<"task">>(`/api/v1/tasks/:task/${action}`, async ({ params }) => {
      const task = resolveTask(state, params.task);
      await engine.submit({ type, task: task.id });
      return taskDetail(state, task);
    });
  }
}

function addAgentRoutes(app: FastifyInstance, { engine, links }: RouteParts): void {
  const { state } = engine;
  const view = (id: string) => agentViews(state, [resolveAgent(state, id)], links.activities)[0];

  app.get<Named<never>>("/api/v1/agents", ({ query }) => {
    const team = resolveTeam(state, query.team ?? "-");
    const agents = [...state.agents.values()].filter((agent) => agent.team === team.id);
    return { items: agentViews(state, agents, links.activities) };
  });
  app.get<Named<"agent">>("/api/v1/agents/:agent", ({ params }) => view(params.agent));
  app.get<Named<"agent">>("/api/v1/agents/:agent/logs", async ({ params, query }): Promise<AgentLog> => {
    const agent = resolveAgent(state, params.agent);
    const attempt = newestAttempt(engine, agent.id);
    if (attempt === null) return { agent: agent.id, attempt, lines: [], total: 0 };
    const maxLines = Math.min(Number(query.lines ?? 200) || 200, 10_000);
    const log = await links.ask({ type: "log", attempt, what: "transcript", maxLines });
    return { agent: agent.id, attempt, ...log };
  });
  for (const [action, type] of [
    ["kill", "killAgent"],
    ["pause", "pauseAgent"],
    ["resume", "resumeAgent"],
  ] as const) {
    app.post<Named<"agent">>(`/api/v1/agents/:agent/${action}`, async ({ params }) => {
      const agent = resolveAgent(state, params.agent);
      await engine.submit({ type, agent: agent.id });
      return view(agent.id);
    });
  }
  app.post<Named<"agent"> & { Body: { text: string } }>(
    "/api/v1/agents/:agent/steer",
    { schema: { body: steerSchema } },
    async ({ params, body }) => {
      const agent = resolveAgent(state, params.agent);
      const { accepted } = await links.ask({ type: "steer", agent: agent.id, text: body.text });
      if (!accepted) throw new GodelError("AGENT_STATE", `agent "${agent.id}" has no running prompt to steer.`);
      return view(agent.id);
    },
  );
}

function newestAttempt({ state }: Engine, agent: string): string | null {
  let newest: string | null = null;
  for (const attempt of state.attempts.values()) if (attempt.agent === agent) newest = attempt.id;
  return newest;
}
