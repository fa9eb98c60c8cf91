/** How many agents a team with a minimum below its maximum has: what `federation/auto-scaler.ts` decides, as events. */
import { decideScale, type ScalerState } from "../federation/auto-scaler.ts";
import { explain } from "../federation/scaling/explain.ts";
import type { FleetObservation, PoolObservation, ScaleDecision } from "../federation/scaling/observation.ts";
import type { Millis } from "../lib/clock.ts";
import type { Event } from "../model/events.ts";
import type { Scaling } from "../model/reasons.ts";
import type { Agent, Team } from "../model/records.ts";
import { teamEnded } from "../model/states.ts";
import type { Context } from "./options.ts";
import { cannotStart, hasNode, isScaled, places, request } from "./reconciler.ts";
import { tooMuchUnmerged } from "./scheduler.ts";
import { entitled } from "./shares.ts";
import { heldBack } from "./standing.ts";
import { agentOf, type State, type TeamIndex, teamIndex, teamOf } from "./state.ts";

/** How soon a decision is looked at again where time alone may change it, in ms: that of GitHub's runner sets. */
const tickMs = 1_000;

/**
 * Starts what the work of a team asks for and lets go what idles: nothing else changes the size of such a team.
 *
 * Decided from what is journaled and the time that is passed in. What the scaler remembers between two decisions stands in
 * the index; what must outlive a restart (spawn rate, burn) travels in the event. Ask it once nothing more can be leased.
 */
export function autoscale(state: State, team: Team, context: Context): Event[] {
  const { at, options } = context;
  const index = teamIndex(state, team.id);
  const holds = team.state === "paused" || teamEnded(team.state) || cannotStart(team, context);
  if (!isScaled(team) || holds || at < team.startNotBefore || !hasNode(state, at)) return [];
  const maxAgents = Math.min(team.max, mayHave(state, team, context));
  const scaler = { ...options.policies.scaler, minAgents: Math.min(team.min, maxAgents), maxAgents };
  const seen = observe(state, team, context);
  const { decision, state: memory } = decideScale(seen, { at, options: scaler, state: index.scaler });
  index.scaler = memory;
  const mayIdleOut = index.idle.size > 0 && decision.desired > team.min;
  const mayWaitTooLong = decision.reason === "within-threshold" || decision.reason === "soon-free";
  index.scaleAgain = decision.limitedBy !== null || mayWaitTooLong || mayIdleOut;
  const { spawn, drain, desired } = decision;
  if (spawn === 0 && drain === 0 && desired === team.desired) return [];
  return [
    { type: "teamScaled", at, team: team.id, desired, scaling: noteOf(decision, memory) },
    ...request(state, team, { count: spawn }, context),
    ...restedFirst(state, index, drain).map(({ id }): Event => ({ type: "agentDraining", at, agent: id })),
  ];
}

/** As many as its share beside other teams, and as there are places for: busy ones stay, whatever others are due. */
function mayHave(state: State, team: Team, context: Context): number {
  const { live, alone } = teamIndex(state, team.id);
  const has = live.size - alone.size;
  return Math.max(1, Math.min(entitled(state, team, context), has + places(state, context)));
}

/** When a decision may change though nothing happens: an idle time ends, the spawn rate allows more, money comes free. */
export function scaleWake(state: State, at: Millis): Millis | undefined {
  const teams = [...state.index.active].map((id) => teamOf(state, id));
  const wakes = (team: Team) => isScaled(team) && team.state !== "paused" && !teamEnded(team.state);
  return teams.some((team) => wakes(team) && teamIndex(state, team.id).scaleAgain) ? at + tickMs : undefined;
}

function noteOf(decision: ScaleDecision, { spawns, burn }: ScalerState): Scaling {
  const { at, reason, limitedBy, wanted, spawn, drain, inputs } = decision;
  return {
    at,
    why: explain(decision),
    reason,
    limitedBy,
    wanted,
    spawn,
    drain,
    inputs: { ...inputs },
    memory: { spawns, burn },
  };
}

/** The agents of a team are alike, so they are one pool. */
function observe(state: State, team: Team, context: Context): FleetObservation {
  const { started, startsFailed } = teamIndex(state, team.id);
  return {
    pools: [poolOf(state, team, context)],
    money: { spentUsd: team.usage.costUsd, reservedUsd: 0 },
    spawns: { succeeded: started, failed: startsFailed },
  };
}

function poolOf(state: State, team: Team, context: Context): PoolObservation {
  const index = teamIndex(state, team.id);
  const { live, alone, idle, starting, draining } = index;
  // One that gets no work for a while is of no use to what waits.
  const free = idle.size - heldBack(state, index, context.at);
  const waiting = free > 0 ? 0 : runnable(index, team, context);
  return {
    pool: team.skills.join(" "),
    runnable: waiting,
    waitP95Ms: waitP95(index, waiting, context),
    // Less than until the next look is no time to wait for.
    startMs: index.startMs > tickMs ? Math.min(index.startMs, context.options.policies.scaler.maxQueueWaitMs) : 0,
    blocked: index.taskCounts.blocked,
    // Those that are paused or suspect with them: they take no new work, and are not to be drained for it.
    busy: live.size - alone.size - free - starting - draining,
    idle: free,
    starting,
    draining,
    // Agents start while a model still plans: what was asked for is the best guess.
    forecast: team.state === "planning" ? team.desired : 0,
  };
}

/**
 * Tasks that wait for an agent, and for nothing else: not those in backoff, nor behind others that claim their files; none while gates and merges come first; and
 * none while agents are free, since then they wait for something that more agents would wait for too.
 */
function runnable(index: TeamIndex, team: Team, context: Context): number {
  if (tooMuchUnmerged(index, team, context)) return 0;
  // Whose claims are in the way is found by looking.
  index.ready.best();
  const delayed = index.delayed.data.filter((task) => task.state === "queued" && task.notBefore > context.at).length;
  return index.taskCounts.queued - index.isolated.size - delayed - index.ready.queuedBehind;
}

/** Of those that may wait for the agents there are: past a time they may not. O(tasks that wait), nothing where none may. */
function waitP95(index: TeamIndex, waiting: number, { at, options }: Context): Millis {
  const may = Math.max(options.policies.scaler.scaleUpThreshold, index.startMs > tickMs ? index.live.size : 0);
  if (waiting === 0 || waiting > may) return 0;
  const waits = index.ready.queuedAt().map((since) => at - since);
  return waits.sort((a, b) => a - b)[Math.floor(waits.length * 0.95)] ?? 0;
}

/** Those that have been free for longest. */
function restedFirst(state: State, index: TeamIndex, count: number): Agent[] {
  return [...index.idle].slice(0, count).map((id) => agentOf(state, id));
}
