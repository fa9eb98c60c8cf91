/** Which agent of a team gets a task. */
import { AgentSelector, missingSkills } from "../federation/agent-selector.ts";
import type { AgentProfile } from "../federation/selecting/profile.ts";
import type { Rejection } from "../federation/selecting/ranking.ts";
import type { SelectionRequest } from "../federation/selecting/request.ts";
import type { Choice } from "../federation/selecting/selection.ts";
import type { Millis } from "../lib/clock.ts";
import type { AgentChoice } from "../model/reasons.ts";
import type { Agent, NodeId, Task } from "../model/records.ts";
import { agentEnded } from "../model/states.ts";
import { preferredCostOf } from "./cascade.ts";
import type { Context } from "./options.ts";
import { isOut, isPanicking, isRamping } from "./standing.ts";
import { agentOf, isLimited, type State, type TeamIndex, takesWork, touch } from "./state.ts";

/** An agent works on one task at a time, in a session of its own. */
const ofNoUse = { loadWeight: 0, sessionWeight: 0, filesWeight: 0 };

/** The best agent for a task, or why none of the team can have it. O(log agents) for each that changed since it was last asked. */
export function chooseAgent(
  state: State,
  index: TeamIndex,
  task: Task,
  context: Pick<Context, "at" | "options">,
): Choice {
  index.selector ??= new AgentSelector(
    { ...context.options.policies.selector, ...ofNoUse },
    { random: inTheirOrder() },
  );
  const request = requestFor(state, index, task, context.at);
  return upToDate(state, index, index.selector, context.at).choose(request, context.at);
}

/** How many agents can't have a queued task now, by reason. None where nobody was asked since the engine started. */
export function rejectionsOf(state: State, index: TeamIndex, task: Task): readonly Rejection[] {
  if (!index.selector) return [];
  const request = requestFor(state, index, task, state.at);
  return upToDate(state, index, index.selector, state.at).choose(request, state.at).rejected;
}

function requestFor(state: State, index: TeamIndex, task: Task, at: Millis): SelectionRequest {
  const { skills: requiredSkills, takenFrom } = task;
  const request = { requiredSkills, preferredCost: preferredCostOf(state, task) };
  return takenFrom === undefined || !isForOthers(state, index, task, at) ? request : { ...request, except: takenFrom };
}

/** Whether a person took it from an agent, and another may have it. O(agents) at most. */
export function isForOthers(state: State, index: TeamIndex, task: Task, at: Millis): boolean {
  return task.takenFrom !== undefined && hasOther(state, index, task, at);
}

/** Whether another than the agent that a task was taken from may have it, now or when it is free. O(agents) at most. */
function hasOther(state: State, { live }: TeamIndex, task: Task, at: Millis): boolean {
  for (const id of live) {
    if (id === task.takenFrom) continue;
    const agent = agentOf(state, id);
    const works = agent.state === "busy" || agent.state === "idle" || agent.state === "starting";
    if (!works || agent.alone || !takesWork(state, agent) || (isLimited(agent) && isOut(agent, at))) continue;
    if (missingSkills(task.skills, agent.skills).length === 0) return true;
  }
  return false;
}

/** What is journaled of a choice: three digits are enough for people. */
export function noted(choice: Choice): { choice?: AgentChoice } {
  if (!choice.agent) return {};
  const { score, terms, among, rejected } = choice;
  const { load: _, session: __, files: ___, ...told } = terms;
  const rounded = Object.fromEntries(Object.entries(told).map(([term, worth]) => [term, digits(worth)]));
  return { choice: { score: digits(score), terms: rounded, among, rejected } };
}

function digits(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

function upToDate(state: State, index: TeamIndex, selector: AgentSelector, at: Millis): AgentSelector {
  noteNodes(state, index);
  const changed = [...index.touched, ...index.watched, ...index.limited];
  index.touched.clear();
  index.watched.clear();
  if (changed.length === 0) return selector;
  const panics = isPanicking(state, index, at);
  for (const id of changed) {
    const agent = state.agents.get(id);
    if (!agent || agentEnded(agent.state)) selector.removeAgent(id);
    else tell(index, agent, { state, at, panics });
  }
  return selector;
}

/** Agents whose node began or ceased to take work have changed. */
function noteNodes(state: State, index: TeamIndex): void {
  const pressed = new Set<NodeId>();
  for (const { id, pressure } of state.nodes.values()) if (pressure) pressed.add(id);
  if (pressed.size === 0 && index.pressed.size === 0) return;
  const before = index.pressed;
  index.pressed = pressed;
  if (pressed.size === before.size && [...pressed].every((id) => before.has(id))) return;
  for (const id of index.live) {
    const agent = agentOf(state, id);
    if (pressed.has(agent.node) !== before.has(agent.node)) touch(state, agent);
  }
}

interface Now {
  state: State;
  at: number;
  /** So many are held back that none is. */
  panics: boolean;
}

function tell({ selector, watched }: TeamIndex, agent: Agent, { state, at, panics }: Now): void {
  const last = isRamping(agent, at);
  const isHeld = isLimited(agent) && isOut(agent, at);
  if (last || isHeld) watched.add(agent.id);
  const profile: AgentProfile = {
    id: agent.id,
    skills: agent.skills,
    state: agent.state,
    held: whyNot(state, agent, isHeld && !panics),
    last,
    record: agent.standing?.record,
  };
  selector?.setAgent(profile);
}

function whyNot(state: State, agent: Agent, isHeld: boolean): string {
  if (agent.attempt !== null) return "at work";
  if (isHeld) return "held back for how they have done";
  return takesWork(state, agent) ? "" : "on a node that takes no work";
}

/** For the selector's chance: those that come up together are taken in the order in which they came. */
function inTheirOrder(): { next(): number } {
  let count = 0;
  return { next: () => 1 - 1 / (2 + count++) };
}
