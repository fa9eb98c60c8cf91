import type { Millis } from "../lib/clock.ts";
import type { Event } from "../model/events.ts";
import type { Node } from "../model/node-record.ts";
import type { Agent, AgentId, NodeId, Team } from "../model/records.ts";
import { teamEnded } from "../model/states.ts";
import { firstModel } from "./cascade.ts";
import type { Context } from "./options.ts";
import { startsAgentsAt } from "./retry-budget.ts";
import { agentsByNode, entitled } from "./shares.ts";
import { agentOf, type State, teamIndex } from "./state.ts";

/** Moves the agents of a team of fixed size towards what is desired: starts the missing, drains the surplus. */
export function reconcile(state: State, team: Team, context: Context): Event[] {
  // While it lives, the auto-scaler alone starts and drains its agents.
  if (isScaled(team) && !teamEnded(team.state)) return [];
  const index = teamIndex(state, team.id);
  const staying = index.live.size - index.draining - index.alone.size;
  const desired = teamEnded(team.state) ? 0 : Math.min(team.desired, entitled(state, team, context));
  if (staying > desired) {
    const agents = stayingOf(state, index.live).filter(({ alone }) => !alone);
    return drain(agents, staying - desired, context);
  }
  if (staying === desired || teamEnded(team.state) || !mayStart(team, context)) return [];
  return request(state, team, { count: desired - staying }, context);
}

/** Whether further agents may be started: not while those before them did not come up. */
export function mayStart(team: Team, context: Context): boolean {
  return !cannotStart(team, context) && context.at >= team.startNotBefore;
}

export function stayingOf(state: State, ids: Iterable<AgentId>): Agent[] {
  return [...ids].map((id) => agentOf(state, id)).filter((agent) => agent.state !== "draining");
}

/** Those that are not up yet go first, then the idle, and only then the busy, which finish what they do. */
function drainOrder({ state, attempt }: Agent): number {
  if (state === "starting") return 0;
  return attempt === null ? 1 : 2;
}

export function drain(staying: readonly Agent[], count: number, { at }: Context): Event[] {
  const byUse = staying.toSorted((a, b) => drainOrder(a) - drainOrder(b));
  return byUse.slice(0, count).map(({ id }) => ({ type: "agentDraining", at, agent: id }));
}

/** Its agents failed to start too often in a row; more would fail too. */
export function cannotStart(team: Team, { options }: Pick<Context, "options">): boolean {
  return team.startFailures >= options.maxStartFailures;
}

/** Whether the size of a team follows its work. */
export function isScaled({ min, max }: Pick<Team, "min" | "max">): boolean {
  return min < max;
}

/** Idle agents hold nothing that is not kept: on a node without memory they go, and others start when there is some. */
export function relieve(state: State, team: Team, context: Context): Event[] {
  const { idle, idleAlone } = teamIndex(state, team.id);
  if (![...state.nodes.values()].some(hasNoMemory)) return [];
  const agents = [...idle, ...idleAlone].map((id) => agentOf(state, id));
  const there = agents.filter(({ node }) => hasNoMemory(state.nodes.get(node)));
  return drain(there, there.length, context);
}

function hasNoMemory(node: Node | undefined): boolean {
  return node?.pressure?.kinds.includes("memory") ?? false;
}

/** Whether there is a node that agents can be started on. */
export function hasNode(state: State, at: Millis): boolean {
  return nodesFor(state, at).length > 0;
}

/** How many more agents the nodes take together. */
export function places(state: State, context: Context): number {
  const { maxAgents } = context.options.policies.resources;
  if (!Number.isFinite(maxAgents)) return maxAgents;
  const taken = agentsByNode(state);
  return nodesFor(state, context.at).reduce((sum, { id }) => sum + Math.max(0, maxAgents - (taken.get(id) ?? 0)), 0);
}

/** Asks for `count` more agents, or as many as there are places for: each on the node that then has the fewest for its cores. */
export function request(
  state: State,
  team: Team,
  { count, alone = false }: { count: number; alone?: boolean },
  { at, options }: Context,
): Event[] {
  const nodes = nodesFor(state, at);
  if (nodes.length === 0) return [];
  const { id, runtime, skills } = team;
  const model = firstModel(team);
  // Those that work alone on suspects are few, and must not wait for a place that others give back last.
  const most = alone ? Number.POSITIVE_INFINITY : options.policies.resources.maxAgents;
  const taken = nodes.length === 1 && most === Number.POSITIVE_INFINITY ? new Map() : agentsByNode(state);
  const events: Event[] = [];
  for (let i = 0; i < count; i++) {
    const node = leastLoaded(nodes, taken, most);
    if (!node) break;
    taken.set(node.id, (taken.get(node.id) ?? 0) + 1);
    const agent = `${id}-a${team.agentCount + 1 + i}`;
    const brief = { agent, team: id, node: node.id, runtime, model, skills };
    events.push({ type: "agentRequested", at, ...brief, ...(alone && { alone }) });
  }
  return events;
}

function nodesFor(state: State, at: Millis): Node[] {
  return [...state.nodes.values()].filter(
    (node) => node.state === "up" && !node.pressure && startsAgentsAt(node, at) <= at,
  );
}

function leastLoaded(nodes: readonly Node[], taken: ReadonlyMap<NodeId, number>, most: number): Node | undefined {
  const load = (node: Node) => (taken.get(node.id) ?? 0) / node.cores;
  const open = nodes.filter(({ id }) => (taken.get(id) ?? 0) < most);
  return open.reduce<Node | undefined>((best, node) => (best && load(best) <= load(node) ? best : node), undefined);
}
