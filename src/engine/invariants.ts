import { assert } from "../lib/assert.ts";
import type { AgentId } from "../model/records.ts";
import { attemptEnded } from "../model/states.ts";
import { agentOf, attemptOf, currentAttempt, type State, taskOf, teamIndex } from "./state.ts";

/** What must hold after every event. Tests run it each step, production on each snapshot: it reads the whole state. */
export function checkInvariants(state: State): void {
  checkTasks(state);
  checkAttempts(state);
  checkAgents(state);
}

function checkTasks(state: State): void {
  for (const team of state.teams.values()) {
    const counts: Record<string, number> = {};
    for (const task of team.tasks.map((id) => taskOf(state, id))) {
      counts[task.state] = (counts[task.state] ?? 0) + 1;
      const open = task.needs.filter((need) => taskOf(state, need).state !== "done").length;
      assert(task.openNeeds === open, `task ${task.id} counts ${task.openNeeds} open needs of ${open}`);
      assert(open === 0 || task.attempts.length === 0, `task ${task.id} was started before its needs were done`);
      const accepted = task.attempts.filter((id) => attemptOf(state, id).state === "accepted").length;
      assert(accepted === (task.state === "done" ? 1 : 0), `task ${task.id} is ${task.state} with ${accepted} results`);
    }
    for (const [name, count] of Object.entries(teamIndex(state, team.id).taskCounts)) {
      assert(count === (counts[name] ?? 0), `team ${team.id} counts ${count} ${name} tasks of ${counts[name] ?? 0}`);
    }
  }
}

function checkAttempts(state: State): void {
  for (const attempt of state.attempts.values()) {
    if (attemptEnded(attempt.state)) continue;
    const task = taskOf(state, attempt.task);
    assert(
      currentAttempt(state, task) === attempt,
      `attempt ${attempt.id} is open but task ${task.id} is ${task.state}`,
    );
    const withAgent = attempt.state === "leased" || attempt.state === "running";
    const agent = agentOf(state, attempt.agent);
    assert(!withAgent || agent.attempt === attempt.id, `attempt ${attempt.id} is not with agent ${agent.id}`);
  }
}

function checkAgents(state: State): void {
  const idle = new Set<AgentId>();
  for (const agent of state.agents.values()) {
    if (agent.state === "idle") idle.add(agent.id);
    assert(agent.state !== "busy" || agent.attempt !== null, `agent ${agent.id} is busy with nothing`);
    assert(agent.state !== "idle" || agent.attempt === null, `agent ${agent.id} is idle with ${agent.attempt}`);
  }
  for (const index of state.index.teams.values()) {
    for (const id of index.idle) assert(idle.delete(id), `agent ${id} is offered but not idle`);
  }
  assert(idle.size === 0, `${idle.size} idle agents are not offered`);
}
