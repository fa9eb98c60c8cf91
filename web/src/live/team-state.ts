/** What the page knows of one team: as it was read, with each event since applied. */
import type { AgentView, StreamFrame, TaskSummary, TeamStatus } from "../../../src/api/wire.ts";

export type WireEvent = Extract<StreamFrame, { type: "event" }>["event"];

export interface TeamState {
  status: TeamStatus | null;
  agents: Map<string, AgentView>;
  tasks: Map<string, TaskSummary>;
  /** The newest first; the bound is `maxNews`. */
  news: WireEvent[];
}

/** Events that a person may want to look back at. */
const maxNews = 200;

export function emptyTeam(): TeamState {
  return { status: null, agents: new Map(), tasks: new Map(), news: [] };
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

/** Changes `team` in place. Applying again what is known already changes nothing. False: it has to be read anew. */
export function applyEvent(team: TeamState, event: WireEvent): boolean {
  const { type } = event;
  if (type === "teamPlanned" || type === "taskSplit" || type === "agentRequested" || type === "teamRestored")
    return false;
  if (typeof event.attempt === "string") applyToAttempt(team, event, event.attempt);
  else if (typeof event.agent === "string") applyToAgent(team, event, event.agent);
  else if (typeof event.task === "string") applyToTask(team, event, event.task);
  return true;
}

export function note(team: TeamState, event: WireEvent): void {
  team.news.unshift(event);
  if (team.news.length > maxNews) team.news.length = maxNews;
}

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
  tasks.set(id, { ...task, state, commit: typeof event.commit === "string" ? event.commit : task.commit });
}

function applyToAttempt(team: TeamState, event: WireEvent, attempt: string): void {
  const id = attempt.replace(/\/\d+$/, "");
  const task = team.tasks.get(id);
  if (event.type === "attemptLeased") {
    const agent = team.agents.get(String(event.agent));
    if (agent) team.agents.set(agent.id, { ...agent, state: "busy", attempt, task: id });
    if (task)
      team.tasks.set(id, { ...task, state: "running", agent: String(event.agent), attempts: Number(event.number) });
  }
  if (task && event.type === "attemptVerifying") team.tasks.set(id, { ...task, state: "verifying" });
  if (task && event.type === "attemptMerging") team.tasks.set(id, { ...task, state: "merging" });
  if (event.type !== "attemptEnded") return;
  for (const agent of team.agents.values()) {
    if (agent.attempt !== attempt) continue;
    const state = agent.state === "busy" ? "idle" : agent.state;
    team.agents.set(agent.id, { ...agent, state, attempt: null, task: null, activity: "" });
  }
}
