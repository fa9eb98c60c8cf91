/** The orders that a node must be given: those that follow from new events, and those to repeat when it comes back. */
import type { Event } from "../model/events.ts";
import type { Order } from "../model/link.ts";
import type { Node } from "../model/node-record.ts";
import type { Agent, AgentId, Attempt, AttemptId, NodeId, TeamId } from "../model/records.ts";
import { agentEnded, attemptEnded, teamEnded } from "../model/states.ts";
import { agentBrief, attemptBrief, type BriefOptions, teamBrief } from "./briefs.ts";
import { agentOf, attemptOf, type State, taskOf, teamIndex, teamOf } from "./state.ts";

/** Orders by node. Within one node they are in the order in which they must arrive. */
export type OrdersByNode = Map<NodeId, Order[]>;

/** What the events of one turn mean for the nodes; `state` is the state after the turn. */
export function ordersFor(state: State, events: readonly Event[], options: BriefOptions): OrdersByNode {
  const orders = new Batches();
  for (const event of events) {
    switch (event.type) {
      case "agentRequested":
        orders.startAgent(state, agentOf(state, event.agent), options);
        break;
      case "hostCondemned":
        orders.add(event.node, { type: "endHost", host: event.host, reason: event.evidence.detail });
        break;
      case "agentEjected":
        orders.stop(agentOf(state, event.agent).node, event.agent);
        break;
      case "agentDraining":
        orders.drain(agentOf(state, event.agent));
        break;
      case "agentPaused":
        orders.agents("pauseAgents", agentOf(state, event.agent));
        break;
      case "agentResumed":
        orders.agents("resumeAgents", agentOf(state, event.agent));
        break;
      case "attemptLeased":
        orders.add(nodeOf(state, event.agent), startAttempt(state, attemptOf(state, event.attempt), options));
        break;
      case "attemptVerifying":
        orders.stopIfFree(agentOf(state, attemptOf(state, event.attempt).agent));
        break;
      case "attemptMerging":
        orders.add(attemptOf(state, event.attempt).node, mergeAttempt(state, attemptOf(state, event.attempt)));
        break;
      case "attemptEnded":
        orders.endAttempt(state, attemptOf(state, event.attempt));
        break;
      case "nodePressed":
        orders.add(event.node, keepWarm(state, event.node));
        break;
      case "teamEnded":
        for (const node of state.nodes.keys()) orders.add(node, { type: "closeTeam", team: event.team });
        break;
      case "teamShared":
      case "teamStoodIn":
        for (const node of state.nodes.keys()) orders.openTeam(state, event.team, node);
        break;
      case "allowanceGranted":
        regrant(orders, state, event);
        break;
      case "allowanceRecalled":
        orders.add(event.node, { type: "returnAllowance", scope: event.scope, version: event.version });
        break;
      default:
    }
  }
  return orders.byNode;
}

/** Brings a node that has just said what it runs in line with what is wanted of it. */
export function resyncOrders(
  state: State,
  node: NodeId,
  known: { agents: readonly AgentId[]; attempts: readonly AttemptId[] },
  options: BriefOptions,
): Order[] {
  const orders = new Batches();
  const knownAttempts = new Set(known.attempts);
  const self = state.nodes.get(node);
  if (self) orders.add(node, limitSpending(self));
  for (const team of state.teams.values()) {
    const busy =
      !teamEnded(team.state) ||
      teamIndex(state, team.id).live.size > 0 ||
      teamIndex(state, team.id).taskCounts.merging > 0;
    if (busy) orders.add(node, { type: "openTeam", team: teamBrief(state, team, node) });
  }
  if (state.nodes.get(node)?.pressure) orders.add(node, keepWarm(state, node));
  for (const id of known.agents) {
    const agent = state.agents.get(id);
    if (!agent || agentEnded(agent.state)) orders.stop(node, id);
    else orders.stopIfFree(agent);
  }
  const knownAgents = new Set(known.agents);
  for (const agent of state.agents.values()) {
    if (agent.node !== node) continue;
    if (agent.state === "starting" && !knownAgents.has(agent.id)) orders.startAgent(state, agent, options);
    // It was never started, and its end must be heard all the same.
    if (!knownAgents.has(agent.id)) orders.stopIfFree(agent);
    if (agent.state === "paused") orders.agents("pauseAgents", agent);
    else if (knownAgents.has(agent.id) && !agentEnded(agent.state)) orders.agents("resumeAgents", agent);
  }
  for (const attempt of state.attempts.values()) {
    if (attempt.node !== node) continue;
    if (attempt.state === "leased" && !knownAttempts.has(attempt.id)) {
      orders.add(node, startAttempt(state, attempt, options));
    }
    if (attempt.state === "merging") orders.add(node, mergeAttempt(state, attempt));
  }
  for (const id of known.attempts) {
    const attempt = state.attempts.get(id);
    if (!attempt || attemptEnded(attempt.state)) orders.add(node, { type: "cancelAttempt", attempt: id });
  }
  return orders.byNode.get(node) ?? [];
}

/** What a node may spend whatever its teams may. */
function limitSpending({ allowances }: Node): Order {
  const none = { usd: null, tokens: null, version: 0 };
  return { type: "limitSpending", hour: allowances?.hour ?? none, fleet: allowances?.fleet ?? none };
}

/** A node hears of what it may spend now. */
function regrant(orders: Batches, state: State, event: Extract<Event, { type: "allowanceGranted" }>): void {
  const node = state.nodes.get(event.node);
  if (state.teams.has(event.scope)) orders.openTeam(state, event.scope, event.node);
  else if (node) orders.add(event.node, limitSpending(node));
}

function startAttempt(state: State, attempt: Attempt, options: BriefOptions): Order {
  return { type: "startAttempt", attempt: attemptBrief(state, attempt, options) };
}

function mergeAttempt(state: State, attempt: Attempt): Order {
  const { id: _, key, title, team } = taskOf(state, attempt.task);
  return { type: "mergeAttempt", attempt: attempt.id, team, key, title, commit: attempt.commit };
}

function keepWarm(state: State, node: NodeId): Order {
  return { type: "keepWarm", hosts: !state.nodes.get(node)?.pressure?.kinds.includes("memory") };
}

function nodeOf(state: State, agent: AgentId): NodeId {
  return agentOf(state, agent).node;
}

/** Collects orders by node; agents that start, stop, pause or resume in one turn share an order. */
class Batches {
  readonly byNode: OrdersByNode = new Map();
  readonly #opened = new Set<string>();

  add(node: NodeId, order: Order): void {
    const list = this.byNode.get(node) ?? [];
    this.byNode.set(node, list);
    list.push(order);
  }

  startAgent(state: State, agent: Agent, options: BriefOptions): void {
    const team = `${agent.node} ${agent.team}`;
    // A node hears of a team before the first agent of it.
    if (!this.#opened.has(team))
      this.add(agent.node, { type: "openTeam", team: teamBrief(state, teamOf(state, agent.team), agent.node) });
    this.#opened.add(team);
    const last = this.byNode.get(agent.node)?.at(-1);
    const brief = agentBrief(agent, options);
    if (last?.type === "startAgents") last.agents.push(brief);
    else this.add(agent.node, { type: "startAgents", agents: [brief] });
  }

  /** A node hears anew of a team that is not over. */
  openTeam(state: State, id: TeamId, node: NodeId): void {
    const team = teamOf(state, id);
    if (!teamEnded(team.state)) this.add(node, { type: "openTeam", team: teamBrief(state, team, node) });
  }

  agents(type: "stopAgents" | "pauseAgents" | "resumeAgents", agent: Pick<Agent, "id" | "node">): void {
    const last = this.byNode.get(agent.node)?.at(-1);
    if (last?.type === type) last.agents.push(agent.id);
    else this.add(agent.node, { type, agents: [agent.id] });
  }

  stop(node: NodeId, id: AgentId): void {
    this.agents("stopAgents", { id, node });
  }

  /** One that holds an attempt finishes it first, and may have been paused in the middle of it. */
  drain(agent: Agent): void {
    if (agent.attempt === null) this.stopIfFree(agent);
    else this.agents("resumeAgents", agent);
  }

  /** A draining agent goes as soon as it holds no attempt. */
  stopIfFree(agent: Agent): void {
    if (agent.state === "draining" && agent.attempt === null) this.agents("stopAgents", agent);
  }

  /** The node forgets the attempt, whoever ended it, and keeps its work. */
  endAttempt(state: State, attempt: Attempt): void {
    if (attempt.state !== "accepted") this.add(attempt.node, { type: "cancelAttempt", attempt: attempt.id });
    this.stopIfFree(agentOf(state, attempt.agent));
  }
}
