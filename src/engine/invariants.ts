import { assert } from "../lib/assert.ts";
import type { Event } from "../model/events.ts";
import type { Agent, Attempt, Task, Team } from "../model/records.ts";
import { agentEnded, attemptEnded, noTaskCounts, type TaskState, taskEnded } from "../model/states.ts";
import { checkAllowances } from "./allowances.ts";
import { agentOf, attemptOf, currentAttempt, idleOf, type State, taskOf, teamIndex } from "./state.ts";
import { holdsFiles } from "./waiting.ts";

/** What must hold after every event. Tests run it each step, production on each snapshot: it reads the whole state. */
export function checkInvariants(state: State): void {
  for (const team of state.teams.values()) {
    checkCounts(state, team);
    checkAllowances(state, team);
  }
  for (const task of state.tasks.values()) checkTask(state, task);
  for (const attempt of state.attempts.values()) checkAttempt(state, attempt);
  for (const agent of state.agents.values()) checkAgent(state, agent);
  checkOffers(state);
}

/**
 * The same for what `events`, which were just applied, name: what the loop can afford each turn. O(events), and for a
 * task as many steps as it has needs and attempts.
 */
export function checkTouched(state: State, events: readonly Event[]): void {
  for (const event of events) {
    const { task, attempt, agent } = thingsOf(state, event);
    if (task) checkTask(state, task);
    if (attempt) checkAttempt(state, attempt);
    if (agent) checkAgent(state, agent);
    if (event.type === "attemptLeased" && task) checkClaims(state, task);
  }
}

/** Of what was just leased. Of older leases nothing is asked: before 0.2 files were shared. */
function checkClaims(state: State, task: Task): void {
  const conflict = teamIndex(state, task.team).claims.conflict(task.files, task.id);
  assert(!conflict, `task ${task.id} was started while ${conflict?.holder} works on ${conflict?.pattern}`);
}

export interface Things {
  task: Task | undefined;
  attempt: Attempt | undefined;
  agent: Agent | undefined;
}

/** What an event is about: of an attempt also its task and its agent. */
export function thingsOf(state: State, event: Event): Things {
  const attempt = "attempt" in event ? state.attempts.get(event.attempt) : undefined;
  const task = attempt?.task ?? ("task" in event ? event.task : "");
  const agent = attempt?.agent ?? ("agent" in event ? event.agent : "");
  return { task: state.tasks.get(task), attempt, agent: state.agents.get(agent) };
}

/** Between two full passes, at least so many events. */
const minEventsBetween = 100;

/**
 * The whole state once there were as many events as there are records, so that what no event names is looked at too: what
 * a turn touched the loop checks itself. O(1) per event.
 */
export class InvariantWatch {
  readonly #state: State;
  #sinceFull = 0;

  constructor(state: State) {
    this.#state = state;
  }

  /** To be called once `events` are applied. */
  after(events: readonly Event[]): void {
    const { tasks, attempts, agents } = this.#state;
    this.#sinceFull += events.length;
    const due = this.#sinceFull >= Math.max(minEventsBetween, tasks.size + attempts.size + agents.size);
    if (due) this.full();
  }

  full(): void {
    this.#sinceFull = 0;
    checkInvariants(this.#state);
  }
}

function checkCounts(state: State, team: Team): void {
  if (team.archived) return;
  const counts = noTaskCounts();
  for (const id of team.tasks) counts[taskOf(state, id).state]++;
  const { taskCounts } = teamIndex(state, team.id);
  for (const name of Object.keys(counts) as TaskState[]) {
    assert(
      taskCounts[name] === counts[name],
      `team ${team.id} counts ${taskCounts[name]} ${name} tasks of ${counts[name]}`,
    );
  }
}

function checkTask(state: State, task: Task): void {
  let open = 0;
  for (const need of task.needs) if (taskOf(state, need).state !== "done") open++;
  assert(task.openNeeds === open, `task ${task.id} counts ${task.openNeeds} open needs of ${open}`);
  // One that was split had started, and waits for its parts now.
  const atWork = task.state !== "blocked" && !taskEnded(task.state);
  const early = task.parts ? atWork : task.attempts.length > 0;
  assert(open === 0 || !early, `task ${task.id} was started before its needs were done`);
  let accepted = 0;
  for (const id of task.attempts) if (attemptOf(state, id).state === "accepted") accepted++;
  assert(accepted === (task.state === "done" ? 1 : 0), `task ${task.id} is ${task.state} with ${accepted} results`);
  const holds = holdsFiles(task) && task.files.length > 0;
  assert(teamIndex(state, task.team).claims.has(task.id) === holds, `the claims of ${task.state} task ${task.id}`);
}

function checkAttempt(state: State, attempt: Attempt): void {
  if (attemptEnded(attempt.state)) return;
  const task = taskOf(state, attempt.task);
  assert(currentAttempt(state, task) === attempt, `attempt ${attempt.id} is open but task ${task.id} is ${task.state}`);
  const withAgent = attempt.state === "leased" || attempt.state === "running";
  const agent = agentOf(state, attempt.agent);
  assert(!withAgent || agent.attempt === attempt.id, `attempt ${attempt.id} is not with agent ${agent.id}`);
}

function checkAgent(state: State, agent: Agent): void {
  assert(agent.state !== "busy" || agent.attempt !== null, `agent ${agent.id} is busy with nothing`);
  assert(agent.state !== "idle" || agent.attempt === null, `agent ${agent.id} is idle with ${agent.attempt}`);
  assert(
    !agent.alone || agentEnded(agent.state) || teamIndex(state, agent.team).alone.has(agent.id),
    `agent ${agent.id} is alone and not counted`,
  );
  const offered = idleOf(teamIndex(state, agent.team), agent).has(agent.id);
  assert(agent.state !== "idle" || offered, `idle agent ${agent.id} is not offered`);
  assert(agent.state === "idle" || !offered, `agent ${agent.id} is offered but not idle`);
}

/** Whoever is offered is there; that it is idle, `checkAgent` has seen. */
function checkOffers(state: State): void {
  for (const [team, index] of state.index.teams) {
    for (const id of [...index.idle, ...index.idleAlone])
      assert(agentOf(state, id).team === team, `agent ${id} is offered to team ${team}`);
  }
}
