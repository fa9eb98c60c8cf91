/**
 * Room for attempts on nodes, as it was last measured. An attempt that begins has its part set aside for a while: by then the
 * measurement shows what it takes. Not journaled: after a restart the next heartbeat tells it, and until then nothing limits.
 */
import type { ResourceOptions } from "../federation/resources/options.ts";
import { attemptRoom, type NodeRoom } from "../federation/resources/room.ts";
import type { Millis } from "../lib/clock.ts";
import type { AttemptId, NodeId } from "../model/records.ts";
import type { NodeResources } from "../model/resources.ts";
import type { State } from "./state.ts";

/** Takes a measurement in; whether work that had to wait for room may go on now. O(attempts that have just begun). */
export function noteRoom(
  state: State,
  node: NodeId,
  resources: NodeResources,
  { at, options }: { at: Millis; options: ResourceOptions },
): boolean {
  const { rooms } = state.index;
  const before = rooms.get(node);
  const begun = [...(before?.begun ?? [])].filter(([, since]) => since > at - options.settleMs);
  const room = { ...attemptRoom(resources, options), begun: new Map(begun) };
  rooms.set(node, room);
  return before !== undefined && isFull(before) && !isFull(room);
}

/** Whether one more attempt may begin on a node. */
export function hasRoom(state: State, node: NodeId): boolean {
  const room = state.index.rooms.get(node);
  return room === undefined || !isFull(room);
}

export function takeRoom(state: State, node: NodeId, attempt: AttemptId, at: Millis): void {
  state.index.rooms.get(node)?.begun.set(attempt, at);
}

/** May be called twice. */
export function giveRoom(state: State, node: NodeId, attempt: AttemptId): void {
  state.index.rooms.get(node)?.begun.delete(attempt);
}

/** Why no attempt may begin on any of `nodes`; null where one may. */
export function whyFull(state: State, nodes: readonly NodeId[]): string | null {
  const rooms = nodes.map((node) => state.index.rooms.get(node));
  const [first] = rooms;
  if (!first || rooms.some((room) => room === undefined || !isFull(room))) return null;
  return `${first.why}; ${first.begun.size} have just begun`;
}

function isFull({ places, begun }: NodeRoom): boolean {
  return begun.size >= places;
}
