import { pressureOf } from "../federation/resources/pressure.ts";
import type { Command } from "../model/commands.ts";
import type { Event } from "../model/events.ts";
import type { Node } from "../model/node-record.ts";
import type { Agent, Attempt, NodeId, TaskId } from "../model/records.ts";
import type { NodeResources } from "../model/resources.ts";
import { agentEnded, attemptEnded } from "../model/states.ts";
import { endBadly } from "./failures.ts";
import type { Context } from "./options.ts";
import { noteRoom } from "./rooms.ts";
import { attemptOf, type State, taskOf } from "./state.ts";

type Asked<T extends Command["type"]> = Extract<Command, { type: T }>;

/**
 * A node says what it runs; whatever else the engine believed of it is gone.
 *
 * Kept: agents that may only have missed their order to start, leased attempts of agents that are known (`resync`
 * repeats both orders), and merges, whose order may be repeated because it answers the same each time.
 */
export function joinNode(state: State, command: Asked<"joinNode">, context: Context): Event[] {
  const { node, pid, cores } = command;
  const known = { agents: new Set(command.agents), attempts: new Set(command.attempts) };
  const sameProcess = state.nodes.get(node)?.pid === pid;
  const agents = agentsOf(state, node).filter((agent) => !known.agents.has(agent.id) && agent.state !== "starting");
  const gone = new Set(agents.map(({ id }) => id));
  const attempts = attemptsOf(state, node).filter((attempt) => {
    if (attempt.state === "merging") return false;
    // An attempt that is still with its agent goes with it, even if a report of it is on its way.
    const withAgent = attempt.state === "leased" || attempt.state === "running";
    if (withAgent && gone.has(attempt.agent)) return true;
    return attempt.state !== "leased" && !known.attempts.has(attempt.id);
  });
  const reason = sameProcess ? "its node does not know it" : "its node was restarted";
  return [{ type: "nodeJoined", at: context.at, node, pid, cores }, ...lost(state, agents, attempts, reason, context)];
}

export function suspectNode(state: State, id: NodeId, { at }: Context): Event[] {
  return state.nodes.get(id)?.state === "up" ? [{ type: "nodeSuspected", at, node: id }] : [];
}

/** News only where it changes what the node is short of. */
export function measureNode(state: State, { node: id, resources }: Asked<"measureNode">, context: Context): Event[] {
  const { at, options } = context;
  const node = state.nodes.get(id);
  if (!node) return [];
  noteRoom(state, id, resources, { at, options: options.policies.resources });
  if (!pressureChanges(node, resources, context)) return [];
  const now = pressureOf(resources, node.pressure?.kinds ?? [], options.policies.resources);
  const why = now.map((pressure) => pressure.why).join("; ");
  return [{ type: "nodePressed", at, node: id, kinds: now.map(({ kind }) => kind), why }];
}

/** Takes in what a node measured; whether that is worth a turn of the loop: it is short of other things than was known, or has room again. */
export function isNews(
  state: State,
  id: NodeId,
  resources: NodeResources,
  context: Pick<Context, "at" | "options">,
): boolean {
  const node = state.nodes.get(id);
  if (!node) return false;
  const hasRoomAgain = noteRoom(state, id, resources, { at: context.at, options: context.options.policies.resources });
  return hasRoomAgain || pressureChanges(node, resources, context);
}

function pressureChanges(node: Node, resources: NodeResources, { options }: Pick<Context, "options">): boolean {
  const before = node.pressure?.kinds ?? [];
  return String(pressureOf(resources, before, options.policies.resources).map(({ kind }) => kind)) !== String(before);
}

/** Of a process that died while another had joined in its place, nothing is lost. */
export function loseNode(state: State, command: Asked<"loseNode">, context: Context): Event[] {
  const { node: id, pid, reason, planned } = command;
  const node = state.nodes.get(id);
  if (!node || node.state === "lost" || node.pid !== pid) return [];
  const attempts = attemptsOf(state, id).filter((attempt) => attempt.state !== "merging");
  const end = planned ? left : lost;
  const gone: Event = { type: "nodeLost", at: context.at, node: id, reason, ...(planned && { planned }) };
  return [...end(state, agentsOf(state, id), attempts, reason, context), gone];
}

/** What was stopped on purpose has not failed, and counts against nobody; the work goes back as it came. */
function left(state: State, agents: Agent[], attempts: Attempt[], reason: string, { at }: Context): Event[] {
  const stops = agents.map(({ id }): Event => ({ type: "agentStopped", at, agent: id, reason, failed: false }));
  const failure = { reason: "node-lost", detail: reason } as const;
  const returns = attempts.flatMap(({ id, task }): Event[] => [
    { type: "attemptEnded", at, attempt: id, state: "cancelled", failure, commit: null },
    { type: "taskQueued", at, task, notBefore: 0, feedback: taskOf(state, task).feedback },
  ]);
  return [...stops, ...returns];
}

function lost(state: State, agents: Agent[], attempts: Attempt[], reason: string, context: Context): Event[] {
  const { at } = context;
  const ends = agents.map(({ id, state: was }): Event => {
    if (was === "draining") return { type: "agentStopped", at, agent: id, reason, failed: false };
    return { type: "agentLost", at, agent: id, reason };
  });
  const failure = { reason: "node-lost", detail: reason } as const;
  const retries = attempts.flatMap((attempt) =>
    endBadly(state, attemptOf(state, attempt.id), { state: "lost", failure, commit: null }, context),
  );
  return [...ends, ...skippedOnce(retries)];
}

/** Two tasks that are given up at once may have a dependent in common; it is skipped because of the first. */
function skippedOnce(events: Event[]): Event[] {
  const skipped = new Set<TaskId>();
  return events.filter((event) => {
    if (event.type !== "taskSkipped") return true;
    if (skipped.has(event.task)) return false;
    return skipped.add(event.task);
  });
}

function agentsOf(state: State, node: NodeId): Agent[] {
  return [...state.agents.values()].filter((agent) => agent.node === node && !agentEnded(agent.state));
}

function attemptsOf(state: State, node: NodeId): Attempt[] {
  return [...state.attempts.values()].filter((attempt) => attempt.node === node && !attemptEnded(attempt.state));
}
