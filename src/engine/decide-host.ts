/**
 * A host died: which of the tasks that it worked on killed it?
 *
 *     worked on in a host that died ─► suspect ─(maxHostDeaths in a row)─► isolated: alone in a host of its own
 *        ▲                                │                                  │        │
 *        └────────────────────────────────┴── its host outlived it: cleared ─┘        └─(maxDeathsAlone in a row)─► failed
 *
 * Of n tasks in a dead host one is guilty at most, so all are suspects. They are not told apart by trying them in
 * groups, which would take more hosts down, but one by one: the innocent get done meanwhile, and are cleared by it.
 */
import type { Event } from "../model/events.ts";
import type { Report } from "../model/link.ts";
import type { Attempt, NodeId, Task } from "../model/records.ts";
import { agentEnded, teamEnded } from "../model/states.ts";
import { endAttempt, failTask, queue } from "./failures.ts";
import type { Context } from "./options.ts";
import { type State, taskOf, teamOf } from "./state.ts";

type HostLost = Extract<Report, { type: "hostLost" }>;

/** A repeat finds no agent in the host any more, and says nothing. */
export function hostLost(state: State, node: NodeId, report: HostLost, context: Context): Event[] {
  const { host, reason } = report;
  const known = report.agents.map((id) => state.agents.get(id)).filter((agent) => agent !== undefined);
  const agents = known.filter((agent) => agent.hostPid === host && !agentEnded(agent.state));
  if (agents.length === 0) return [];
  const named = report.attempts.map((id) => state.attempts.get(id)).filter((attempt) => attempt !== undefined);
  const attempts = named.filter((attempt) => attempt.state === "running");
  const lost: Event = {
    type: "hostLost",
    at: context.at,
    node,
    host,
    agents: agents.map(({ id }) => id),
    tasks: attempts.map(({ task }) => task),
    reason,
  };
  const alone = attempts.length === 1;
  const judged = attempts.flatMap((attempt) => judge(state, attempt, { alone, reason }, context));
  // Nothing may be leased to a dead agent: its own report is on its way, and those at work are not free meanwhile.
  const ended = new Set(judged.flatMap((event) => (event.type === "attemptEnded" ? [event.attempt] : [])));
  const free = agents.filter(({ attempt }) => attempt === null || ended.has(attempt));
  const gone = free.map(({ id, state: was }): Event => {
    if (was === "draining") return { type: "agentStopped", at: context.at, agent: id, reason, failed: false };
    return { type: "agentLost", at: context.at, agent: id, reason };
  });
  return [lost, ...gone, ...judged];
}

/** What becomes of one that has been in too many; the others go on as any that was lost. */
function judge(
  state: State,
  attempt: Attempt,
  { alone, reason }: { alone: boolean; reason: string },
  context: Context,
): Event[] {
  const { options, at } = context;
  const task = taskOf(state, attempt.task);
  if (teamEnded(teamOf(state, task.team).state)) return [];
  const hosts = (task.deaths?.hosts ?? 0) + 1;
  const deathsAlone = (task.deaths?.alone ?? 0) + (alone ? 1 : 0);
  const failure = { reason: "host-lost", detail: reason } as const;
  const end = () => endAttempt(attempt, { state: "lost", failure, commit: null }, context);
  if (deathsAlone >= options.maxDeathsAlone) {
    const detail = `${hosts} agent hosts died while they worked on it, ${deathsAlone} of them on nothing else; the last: ${reason}`;
    return [end(), ...failTask(state, task, { reason: "quarantined", detail }, context)];
  }
  if (hosts < options.maxHostDeaths || task.isolated) return [];
  return [end(), { type: "taskIsolated", at, task: task.id }, queue(task, failure, 0, at)];
}

/** Its host has outlived it. */
export function cleared(task: Task, { at }: Context): Event[] {
  return task.deaths || task.isolated ? [{ type: "taskCleared", at, task: task.id }] : [];
}
