import type { FastifyInstance } from "fastify";
import type { Engine } from "../engine/engine.ts";
import type { State } from "../engine/state.ts";
import { GodelError } from "../lib/errors.ts";
import type { Team } from "../model/records.ts";
import { addAttemptRoute, addTimelineRoute } from "./attempt-route.ts";
import { addCostRoute } from "./cost-route.ts";
import { findAgent, findTask, findTeam } from "./look-up.ts";
import { resolveAgent, resolveTask, resolveTeam } from "./names.ts";
import type { NodeLinks } from "./node-link.ts";
import { addPlanRoute } from "./plan-route.ts";
import type { Planner } from "./planner.ts";
import { scaleSchema, spawnSchema, steerSchema } from "./schemas.ts";
import { spawnTeam } from "./spawn.ts";
import { agentViews, taskDetail, taskSummary, teamStatus, teamSummary } from "./views.ts";
import { why } from "./why.ts";
import type { AcceptedTeam, AgentLog, ScaleRequest, SpawnRequest } from "./wire.ts";

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
  addAttemptRoute(app, parts);
  addTimelineRoute(app, parts.engine);
  addPlanRoute(app, parts);
  addCostRoute(app, parts.engine);
}

function addTeamRoutes(app: FastifyInstance, { engine, links, planner }: RouteParts): void {
  const { state } = engine;
  const status = (id: string) => {
    const team = resolveTeam(state, id);
    return teamStatus(state, team, {
      now: engine.now(),
      reservedUsd: links.reservedOf(team.id),
      parked: links.parkedOf(team.id),
    });
  };

  app.get("/api/v1/teams", () => ({ items: [...state.teams.values()].map((team) => teamSummary(state, team)) }));
  app.post<{ Body: SpawnRequest }>("/api/v1/teams", { schema: { body: spawnSchema } }, async (request, reply) => {
    const { id, seq } = await spawnTeam(engine, links, request.body);
    planner.poke();
    const accepted: AcceptedTeam = { ...status(id), seq: String(seq) };
    return reply.code(201).send(accepted);
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
  app.get<Named<never>>("/api/v1/tasks", async ({ query }) => {
    const { state, team } = await findTeam(engine, query.team ?? "-");
    const tasks = team.tasks.map((id) => resolveTask(state, id));
    const wanted = query.state === undefined ? tasks : tasks.filter((task) => task.state === query.state);
    return { items: wanted.map((task) => taskSummary(state, task)) };
  });
  app.get<Named<"task">>("/api/v1/tasks/:task", async ({ params }) => {
    const { state, task } = await findTask(engine, params.task);
    return taskDetail(state, task);
  });
  app.get<Named<"task">>("/api/v1/tasks/:task/why", async ({ params }) => {
    const { state, task } = await findTask(engine, params.task);
    return why(state, task, links);
  });
  for (const [action, type] of [
    ["retry", "retryTask"],
    ["cancel", "cancelTask"],
  ] as const) {
    app.post<Named<"task">>(`/api/v1/tasks/:task/${action}`, async ({ params }) => {
      const { state, task } = await findTask(engine, params.task);
      if (type === "cancelTask" && state !== engine.state) {
        throw new GodelError("TASK_ENDED", `task "${task.key}" is ${task.state}.`);
      }
      await engine.submit({ type, task: task.id });
      return taskDetail(engine.state, resolveTask(engine.state, task.id));
    });
  }
}

function addAgentRoutes(app: FastifyInstance, { engine, links }: RouteParts): void {
  const { state } = engine;
  const view = (where: State, id: string) => agentViews(where, [resolveAgent(where, id)], links)[0];
  /** One that may still be told something. */
  const present = async (name: string) => {
    const found = await findAgent(engine, name);
    if (found.state === state) return found.agent;
    throw new GodelError("AGENT_STATE", `agent "${found.agent.id}" is ${found.agent.state}, and its team is over.`);
  };

  app.get<Named<never>>("/api/v1/agents", async ({ query }) => {
    const { state, team } = await findTeam(engine, query.team ?? "-");
    const agents = [...state.agents.values()].filter((agent) => agent.team === team.id);
    return { items: agentViews(state, agents, links) };
  });
  app.get<Named<"agent">>("/api/v1/agents/:agent", async ({ params }) => {
    const found = await findAgent(engine, params.agent);
    return view(found.state, found.agent.id);
  });
  app.get<Named<"agent">>("/api/v1/agents/:agent/logs", async ({ params, query }): Promise<AgentLog> => {
    const { state: where, agent } = await findAgent(engine, params.agent);
    const attempt = newestAttempt(where, agent.id);
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
      const agent = await present(params.agent);
      await engine.submit({ type, agent: agent.id });
      return view(state, agent.id);
    });
  }
  app.post<Named<"agent"> & { Body: { text: string } }>(
    "/api/v1/agents/:agent/steer",
    { schema: { body: steerSchema } },
    async ({ params, body }) => {
      const agent = await present(params.agent);
      const { accepted } = await links.ask({ type: "steer", agent: agent.id, text: body.text });
      if (!accepted) throw new GodelError("AGENT_STATE", `agent "${agent.id}" has no running prompt to steer.`);
      return view(state, agent.id);
    },
  );
}

function newestAttempt(state: State, agent: string): string | null {
  let newest: string | null = null;
  for (const attempt of state.attempts.values()) if (attempt.agent === agent) newest = attempt.id;
  return newest;
}
