import { unreachable } from "../lib/assert.ts";
import type { AllowanceEvent, NodeEvent } from "../model/events.ts";
import type { Node } from "../model/node-record.ts";

import { moved, nodeMoves } from "../model/states.ts";
import { loseHost } from "./evolve-host.ts";
import type { State } from "./state.ts";

export function evolveNode(state: State, event: Exclude<NodeEvent, AllowanceEvent>): void {
  if (event.type === "nodeJoined") {
    const { node: id, pid, cores, at } = event;
    // Another process of the same machine has no more room than the last, and may spend what it might.
    const { pressure, diskFullUntil, crashes, hostsFullAt, allowances } = state.nodes.get(id) ?? {};
    const deaths = { ...(crashes && { crashes }), ...(hostsFullAt !== undefined && { hostsFullAt }) };
    const disk = { ...(pressure && { pressure }), ...(diskFullUntil !== undefined && { diskFullUntil }) };
    const kept = { ...disk, ...deaths, ...(allowances && { allowances }) };
    state.nodes.set(id, { id, state: "up", pid, cores, joinedAt: at, ...kept });
    return;
  }
  const node = state.nodes.get(event.node);
  if (event.type === "hostCondemned") return;
  if (event.type === "hostLost") return loseHost(state, event);
  if (!node) return;
  switch (event.type) {
    case "nodeSuspected":
      node.state = moved(nodeMoves, `node ${node.id}`, node.state, "suspect");
      return;
    case "nodePressed":
      if (node.pressure?.kinds.includes("disk") && !event.kinds.includes("disk")) node.diskFullUntil = event.at;
      if (event.kinds.length === 0) delete node.pressure;
      else node.pressure = { kinds: event.kinds, why: event.why, since: event.at };
      return;
    case "nodeLost":
      node.state = moved(nodeMoves, `node ${node.id}`, node.state, "lost");
      return countCrash(node, event);
    default:
      unreachable(event);
  }
}

/** A node that has lived for this long has made good for one crash, in ms. */
const crashForgivenMs = 10_000;

function countCrash(node: Node, { at, planned }: Extract<NodeEvent, { type: "nodeLost" }>): void {
  if (planned) {
    delete node.crashes;
    return;
  }
  const forgiven = Math.floor((at - node.joinedAt) / crashForgivenMs);
  node.crashes = { count: Math.max(0, (node.crashes?.count ?? 0) - forgiven) + 1, lastAt: at };
}
