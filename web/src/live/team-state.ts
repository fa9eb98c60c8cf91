/** What the page knows of one team: as it was read, with each event since applied. */
import type { AgentView, StreamFrame, TaskSummary, TeamStatus } from "../../../src/api/wire.ts";

export type WireEvent = Extract<StreamFrame, { type: "event" }>["event"];

export interface TeamState {
  status: TeamStatus | null;
  agents: Map<string, AgentView>;
  tasks: Map<string, TaskSummary>;
  /** USD of each attempt that was under way when all was read, or began since. What others cost is in their tasks. */
  spent: Map<string, number>;
  /** The newest first; the bound is `maxNews`. */
  news: Happened[];
}

export interface Happened {
  seq: string;
  event: WireEvent;
}

/** Events that a person may want to look back at. */
export const maxNews = 200;

export function emptyTeam(): TeamState {
  return { status: null, agents: new Map(), tasks: new Map(), spent: new Map(), news: [] };
}

/** Takes what was just read in place of what is known. */
export function fill(team: TeamState, agents: readonly AgentView[], tasks: readonly TaskSummary[]): void {
  team.agents = new Map(agents.map((agent) => [agent.id, agent]));
  team.tasks = new Map(tasks.map((task) => [task.id, task]));
  team.spent = new Map(tasks.map(({ id, attempts, attemptCostUsd }) => [`${id}/${attempts}`, attemptCostUsd]));
}

const agentStates: Record<string, AgentView["state"]> = {
  agentReady: "idle",
  agentPaused: "paused",
  agentDraining: "draining",
  agentSuspected: "suspect",
  agentStopped: "stopped",
  agentLost: "lost",
  agentEjected: "ejected",
};

const taskStates: Record<string, TaskSummary["state"]> = {
  taskQueued: "queued",
  taskBlocked: "blocked",
  taskDone: "done",
  taskFailed: "failed",
  taskCancelled: "cancelled",
  taskSkipped: "skipped",
};

const taskOver = new Set<TaskSummary["state"]>(["done", "failed", "cancelled", "skipped"]);

/** As `applyEvent`, for any frame. */
export function applyFrame(team: TeamState, frame: StreamFrame): boolean {
  if (frame.type === "event") return applyEvent(team, frame.event);
  if (frame.type === "status") {
    team.status = frame.status;
    // Each is told once: those of agents that are being read meanwhile are applied again.
    for (const { agent, text } of frame.activities) {
      const known = team.agents.get(agent);
      if (known && known.activity !== text) team.agents.set(agent, { ...known, activity: text });
    }
  }
  return frame.type !== "gap";
}

/** Changes `team` in place. Applying again what is known already changes nothing. False: it has to be read anew. */
export function applyEvent(team: TeamState, event: WireEvent): boolean {
  const { type } = event;
  if (type === "teamPlanned" || type === "taskSplit" || type === "teamRestored") return false;
  if (type === "agentRequested") addAgent(team, event);
  else if (typeof event.attempt === "string") applyToAttempt(team, event, event.attempt);
  else if (typeof event.agent === "string") applyToAgent(team, event, event.agent);
  else if (typeof event.task === "string") applyToTask(team, event, event.task);
  return true;
}

export function note({ news }: TeamState, { seq, event }: Happened): void {
  news.unshift({ seq, event });
  if (news.length > maxNews) news.length = maxNews;
}

/** Both, each event once, the newest first. */
export function together(news: readonly Happened[], past: readonly Happened[]): Happened[] {
  const known = new Set(news.map(({ seq }) => seq));
  return [...news, ...past.filter(({ seq }) => !known.has(seq))].slice(0, maxNews);
}

function addAgent({ agents }: TeamState, event: WireEvent): void {
  const requested = event as WireEvent & Pick<AgentView, "team" | "node" | "runtime" | "model" | "skills">;
  const id = String(event.agent);
  if (agents.has(id)) return;
  const { team, node, runtime, model, skills } = requested;
  agents.set(id, {
    ...unbornAgent,
    ...{ id, team, node, runtime, model, skills },
    requestedAt: new Date(event.at).toISOString(),
  });
}

const unbornAgent: Omit<AgentView, "id" | "team" | "node" | "runtime" | "model" | "skills" | "requestedAt"> = {
  state: "starting",
  hostPid: null,
  sessionId: null,
  attempt: null,
  task: null,
  activity: "",
  parked: null,
  readyAt: null,
  endedAt: null,
  reason: "",
  suspicion: null,
  held: null,
  record: null,
  chosen: "",
  anomalies: [],
  attempts: 0,
  costUsd: 0,
};

function applyToAgent({ agents }: TeamState, event: WireEvent, id: string): void {
  const agent = agents.get(id);
  if (!agent) return;
  const working = agent.attempt === null ? "idle" : "busy";
  const back = event.type === "agentResumed" || event.type === "agentTrusted";
  const state = back ? working : agentStates[event.type];
  if (state) agents.set(id, { ...agent, state, reason: String(event.reason ?? agent.reason) });
}

function applyToTask({ tasks }: TeamState, event: WireEvent, id: string): void {
  const task = tasks.get(id);
  const state = taskStates[event.type];
  if (!task || !state) return;
  const commit = typeof event.commit === "string" ? event.commit : task.commit;
  const at = new Date(event.at).toISOString();
  const times = state === "queued" ? { queuedAt: at, endedAt: null } : taskOver.has(state) ? { endedAt: at } : {};
  tasks.set(id, { ...task, state, commit, ...times });
}

function applyToAttempt(team: TeamState, event: WireEvent, attempt: string): void {
  const id = attempt.replace(/\/\d+$/, "");
  const task = team.tasks.get(id);
  if (event.type === "attemptLeased") {
    const agent = team.agents.get(String(event.agent));
    const attempts = Number(event.number);
    if (agent) team.agents.set(agent.id, { ...agent, state: "busy", attempt, task: id });
    if (!team.spent.has(attempt)) team.spent.set(attempt, 0);
    if (task)
      team.tasks.set(id, {
        ...task,
        state: "running",
        agent: String(event.agent),
        attempts,
        leasedAt: new Date(event.at).toISOString(),
        attemptCostUsd: team.spent.get(attempt) ?? 0,
      });
  }
  if (event.type === "attemptSpent") applyCost(team, event, attempt);
  if (task && event.type === "attemptVerifying") team.tasks.set(id, { ...task, state: "verifying" });
  if (task && event.type === "attemptMerging") team.tasks.set(id, { ...task, state: "merging" });
  if (event.type !== "attemptEnded") return;
  for (const agent of team.agents.values()) {
    if (agent.attempt !== attempt) continue;
    const state = agent.state === "busy" ? "idle" : agent.state;
    team.agents.set(agent.id, { ...agent, state, attempt: null, task: null, activity: "" });
  }
}

/** Usage is cumulative: what is known already adds nothing. */
function applyCost(team: TeamState, event: WireEvent, attempt: string): void {
  const { costUsd } = event.usage as { costUsd: number };
  const known = team.spent.get(attempt);
  if (known === undefined || costUsd <= known) return;
  team.spent.set(attempt, costUsd);
  const task = team.tasks.get(attempt.replace(/\/\d+$/, ""));
  if (!task) return;
  const more = costUsd - known;
  const newest = attempt === `${task.id}/${task.attempts}`;
  team.tasks.set(task.id, {
    ...task,
    costUsd: task.costUsd + more,
    attemptCostUsd: newest ? costUsd : task.attemptCostUsd,
  });
  const agent = newest && task.agent !== null ? team.agents.get(task.agent) : undefined;
  if (agent) team.agents.set(agent.id, { ...agent, costUsd: agent.costUsd + more });
}
