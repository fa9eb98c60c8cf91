import { assert, unreachable } from "../lib/assert.ts";
import type { Millis } from "../lib/clock.ts";
import type { AttemptEvent } from "../model/events.ts";
import type { Attempt } from "../model/records.ts";
import { attemptEnded, attemptMoves, moved } from "../model/states.ts";
import { noUsage, usageSince } from "../model/usage.ts";
import { learn } from "./cascade.ts";
import { moveAgent } from "./evolve-agent.ts";
import { isHostDeath } from "./evolve-host.ts";
import { spend } from "./evolve-money.ts";
import { learnOutcome, releaseProbe } from "./evolve-standing.ts";
import { moveTask } from "./evolve-team.ts";
import { countsForTask, earnRetries } from "./retry-budget.ts";
import { giveRoom, takeRoom } from "./rooms.ts";
import { agentOf, attemptOf, type State, taskOf, teamOf } from "./state.ts";

export function evolveAttempt(state: State, event: AttemptEvent): void {
  if (event.type === "attemptLeased") return lease(state, event);
  const attempt = attemptOf(state, event.attempt);
  switch (event.type) {
    case "attemptStarted":
      attempt.state = moved(attemptMoves, `attempt ${attempt.id}`, attempt.state, "running");
      attempt.startedAt = event.at;
      attempt.transcript = event.transcript;
      if (event.resumption) attempt.resumption = event.resumption;
      if (event.sessionId !== "") agentOf(state, attempt.agent).sessionId = event.sessionId;
      return;
    case "attemptVerifying":
      attempt.state = moved(attemptMoves, `attempt ${attempt.id}`, attempt.state, "verifying");
      attempt.handedInAt = event.at;
      moveTask(state, taskOf(state, attempt.task), "verifying");
      earnRetries(state, teamOf(state, attempt.team));
      return freeAgent(state, attempt, event.at);
    case "attemptMerging":
      attempt.state = moved(attemptMoves, `attempt ${attempt.id}`, attempt.state, "merging");
      attempt.commit = event.commit;
      if (event.files !== undefined) attempt.files = event.files;
      return moveTask(state, taskOf(state, attempt.task), "merging");
    case "attemptEnded":
      return endAttempt(state, attempt, event);
    case "attemptSpent": {
      const team = teamOf(state, attempt.team);
      spend(team, usageSince(event.usage, attempt.usage), event.at);
      attempt.usage = event.usage;
      return;
    }
    default:
      unreachable(event);
  }
}

/** Reserves the agent: from here on it has no room for another. */
function lease(state: State, event: Extract<AttemptEvent, { type: "attemptLeased" }>): void {
  const task = taskOf(state, event.task);
  const agent = agentOf(state, event.agent);
  assert(agent.attempt === null, `agent ${agent.id} has an attempt already`);
  assert(task.openNeeds === 0, `task ${task.id} has needs that are not done`);
  agent.attempt = event.attempt;
  takeRoom(state, agent.node, event.attempt, event.at);
  moveAgent(state, agent, "busy", event.at);
  moveTask(state, task, "running");
  task.attempts.push(event.attempt);
  state.attempts.set(event.attempt, {
    id: event.attempt,
    task: task.id,
    team: task.team,
    agent: agent.id,
    node: agent.node,
    number: event.number,
    state: "leased",
    leasedAt: event.at,
    startedAt: null,
    endedAt: null,
    failure: null,
    commit: null,
    transcript: null,
    ...(event.resumes && { resumes: event.resumes }),
    ...(event.tier && { tier: event.tier }),
    ...(event.choice && { choice: event.choice }),
    usage: { ...noUsage },
  });
}

function endAttempt(state: State, attempt: Attempt, event: Extract<AttemptEvent, { type: "attemptEnded" }>): void {
  assert(!attemptEnded(attempt.state), `attempt ${attempt.id} has ended already`);
  attempt.state = moved(attemptMoves, `attempt ${attempt.id}`, attempt.state, event.state);
  attempt.endedAt = event.at;
  attempt.failure = event.failure;
  attempt.commit = event.commit ?? attempt.commit;
  countFailure(state, attempt);
  learn(state, attempt, event.at);
  learnOutcome(state, attempt, event.at);
  freeAgent(state, attempt, event.at);
}

function countFailure(state: State, attempt: Attempt): void {
  const task = taskOf(state, attempt.task);
  if (attempt.failure) task.failure = attempt.failure;
  if (attempt.failure && !countsForTask(attempt.failure)) return;
  if (attempt.failure?.reason === "conflict") task.conflicts++;
  else if (attempt.state === "failed" || attempt.state === "rejected") task.failures++;
  else if (attempt.state === "lost" && !isHostDeath(agentOf(state, attempt.agent), attempt.failure)) task.losses++;
}

/** Gives the agent back, if the attempt still holds it. A paused or draining agent keeps that state. */
function freeAgent(state: State, attempt: Attempt, at: Millis): void {
  giveRoom(state, attempt.node, attempt.id);
  const agent = agentOf(state, attempt.agent);
  if (agent.attempt !== attempt.id) return;
  agent.attempt = null;
  releaseProbe(agent);
  if (agent.state === "busy") moveAgent(state, agent, "idle", at);
}
