import type { Engine } from "../engine/engine.ts";
import type { State } from "../engine/state.ts";
import { present } from "../lib/assert.ts";
import { GodelError } from "../lib/errors.ts";
import type { Team } from "../model/records.ts";
import { shareOf } from "../model/share.ts";
import { answerTeam } from "./answer-route.ts";
import { addAttemptRoutes, addTimelineRoute } from "./attempt-route.ts";
import { addAttentionRoutes } from "./attention-route.ts";
import { addCostRoute } from "./cost-route.ts";
import { addGarbageRoute } from "./garbage.ts";
import { findAgent, findTask, findTeam } from "./look-up.ts";
import { resolveAgent, resolveTask, resolveTeam } from "./names.ts";
import type { NodeLinks } from "./node-link.ts";
import { cut, isAmong } from "./paging.ts";
import { addPlanRoute } from "./plan-route.ts";
import type { Planner } from "./planner.ts";
import type { Serve } from "./serve.ts";
import { spawnTeam } from "./spawn.ts";
import { agentViews, shownState, taskDetail, taskSummary, teamStatus, teamSummary } from "./views.ts";
import { why } from "./why.ts";
import type { AgentLog, ScaleRequest } from "./wire.ts";

export interface RouteParts {
  engine: Engine;
  links: NodeLinks;
  planner: Planner;
}

/** Everything under /api/v1 that reads or commands the fleet. */
export function addRoutes(serve: Serve, parts: RouteParts): void {
  addTeamRoutes(serve, parts);
  addTaskRoutes(serve, parts);
  addAgentRoutes(serve, parts);
  addAttentionRoutes(serve, parts);
  addAttemptRoutes(serve, parts);
  addTimelineRoute(serve, parts.engine);
  addPlanRoute(serve, parts);
  addCostRoute(serve, parts.engine);
  addGarbageRoute(serve, parts);
}

function addTeamRoutes(serve: Serve, { engine, links, planner }: RouteParts): void {
  const { state } = engine;
  const status = (id: string) => {
    const team = resolveTeam(state, id);
    return teamStatus(state, team, {
      now: engine.now(),
      reservedUsd: links.reservedOf(team.id),
      parked: links.parkedOf(team.id),
      options: engine.options,
    });
  };

  serve("listTeams", ({ query }) => {
    const teams = [...state.teams.values()].filter((team) => isAmong(query.state, team.state));
    const { page, nextCursor } = cut(teams, query, ({ id }) => id);
    return { items: page.map((team) => teamSummary(state, team)), nextCursor };
  });
  serve("spawnTeam", async ({ body, key }) => {
    const { id, seq } = await spawnTeam(engine, links, body, key);
    planner.poke();
    return { ...status(id), seq: String(seq) };
  });
  serve("getTeam", ({ params }) => status(params.team));
  serve("scaleTeam", async ({ params, body }) => {
    const team = resolveTeam(state, params.team);
    const { weight, priority } = body;
    const isShared = weight !== undefined || priority !== undefined;
    const { weight: was, priority: before } = shareOf(team);
    const share = { weight: weight ?? was, priority: priority ?? before };
    if (isShared) await engine.submit({ type: "shareTeam", team: team.id, share });
    if (!isShared || hasSize(body)) await engine.submit({ type: "scaleTeam", team: team.id, ...sizeOf(team, body) });
    return status(team.id);
  });
  serve("raiseBudget", async ({ params, body: { budgetUsd } }) => {
    const { id } = resolveTeam(state, params.team);
    await engine.submit({ type: "raiseBudget", team: id, budgetUsd });
    return status(id);
  });
  serve("answerTeam", async ({ params, body }) => {
    const team = resolveTeam(state, params.team);
    await answerTeam(engine, links, team, body);
    return status(team.id);
  });
  for (const type of ["pauseTeam", "resumeTeam", "killTeam"] as const) {
    serve(type, async ({ params }) => {
      const { id } = resolveTeam(state, params.team);
      await engine.submit({ type, team: id });
      return status(id);
    });
  }
}

/** @throws GodelError REQUEST_INVALID when nothing is asked for */
function hasSize({ count, min, max }: ScaleRequest): boolean {
  return count !== undefined || min !== undefined || max !== undefined;
}

function sizeOf(team: Team, { count, min, max }: ScaleRequest): { desired: number; min: number; max: number } {
  if (min === undefined && max === undefined) {
    if (count === undefined) throw new GodelError("REQUEST_INVALID", "give count, or min or max, or both.");
    return { desired: count, min: count, max: count };
  }
  const bounds = { min: min ?? Math.min(team.min, max ?? team.min), max: max ?? Math.max(team.max, min ?? team.max) };
  return { desired: count ?? Math.min(Math.max(team.desired, bounds.min), bounds.max), ...bounds };
}

function addTaskRoutes(serve: Serve, { engine, links }: RouteParts): void {
  serve("listTasks", async ({ query }) => {
    const { state, team } = await findTeam(engine, query.team ?? "-");
    const { agent, skill } = query;
    const tasks = team.tasks.map((id) => resolveTask(state, id)).filter((task) => isAmong(query.state, task.state));
    const wanted = tasks.filter(
      (task) =>
        (skill === undefined || task.skills.includes(skill)) &&
        (agent === undefined || state.attempts.get(task.attempts.at(-1) ?? "")?.agent === agent),
    );
    const { page, nextCursor } = cut(wanted, query, ({ id }) => id);
    return { items: page.map((task) => taskSummary(state, task)), nextCursor };
  });
  serve("getTask", async ({ params }) => {
    const { state, task } = await findTask(engine, params.task);
    return taskDetail(state, task);
  });
  serve("whyTask", async ({ params }) => {
    const { state, task } = await findTask(engine, params.task);
    return why(state, task, links);
  });
  for (const type of ["retryTask", "cancelTask", "reassignTask"] as const) {
    serve(type, async ({ params }) => {
      const { state, task } = await findTask(engine, params.task);
      if (type !== "retryTask" && state !== engine.state) {
        throw new GodelError("TASK_ENDED", `task "${task.key}" is ${task.state}.`);
      }
      await engine.submit({ type, task: task.id });
      return taskDetail(engine.state, resolveTask(engine.state, task.id));
    });
  }
}

function addAgentRoutes(serve: Serve, { engine, links }: RouteParts): void {
  const { state } = engine;
  const view = (where: State, id: string) => {
    const [found] = agentViews(where, [resolveAgent(where, id)], links);
    return present(found, "an agent that was found");
  };
  /** One that may still be told something. */
  const reachable = async (name: string) => {
    const found = await findAgent(engine, name);
    if (found.state === state) return found.agent;
    throw new GodelError("AGENT_STATE", `agent "${found.agent.id}" is ${found.agent.state}, and its team is over.`);
  };

  serve("listAgents", async ({ query }) => {
    const { state, team } = await findTeam(engine, query.team ?? "-");
    const agents = [...state.agents.values()].filter((agent) => agent.team === team.id);
    const shown =
      query.state === undefined ? agents : agents.filter((each) => isAmong(query.state, shownState(state, each)));
    const { page, nextCursor } = cut(shown, query, ({ id }) => id);
    return { items: agentViews(state, page, links), nextCursor };
  });
  serve("getAgent", async ({ params }) => {
    const found = await findAgent(engine, params.agent);
    return view(found.state, found.agent.id);
  });
  serve("getAgentLogs", async ({ params, query }): Promise<AgentLog> => {
    const { state: where, agent } = await findAgent(engine, params.agent);
    const attempt = newestAttempt(where, agent.id);
    if (attempt === null) return { agent: agent.id, attempt, lines: [], total: 0 };
    const maxLines = Math.min(Number(query.lines ?? 200), 10_000);
    const log = await links.ask({ type: "log", attempt, what: "transcript", maxLines });
    return { agent: agent.id, attempt, ...log };
  });
  for (const type of ["killAgent", "pauseAgent", "resumeAgent"] as const) {
    serve(type, async ({ params }) => {
      const agent = await reachable(params.agent);
      await engine.submit({ type, agent: agent.id });
      return view(state, agent.id);
    });
  }
  serve("steerAgent", async ({ params, body }) => {
    const agent = await reachable(params.agent);
    const { accepted } = await links.ask({ type: "steer", agent: agent.id, text: body.text });
    if (!accepted) throw new GodelError("AGENT_STATE", `agent "${agent.id}" has no running prompt to steer.`);
    return view(state, agent.id);
  });
}

function newestAttempt(state: State, agent: string): string | null {
  let newest: string | null = null;
  for (const attempt of state.attempts.values()) if (attempt.agent === agent) newest = attempt.id;
  return newest;
}
