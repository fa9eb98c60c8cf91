import { assert, unreachable } from "../lib/assert.ts";
import type { Command } from "../model/commands.ts";
import type { Event } from "../model/events.ts";
import type { Report } from "../model/link.ts";
import type { Attempt, Failure, FailureReason, NodeId, Task } from "../model/records.ts";
import { agentEnded, attemptEnded } from "../model/states.ts";
import { noUsage, type Usage, usageSince } from "../model/usage.ts";
import { takeBack } from "./allowances.ts";
import { workDone } from "./decide-health.ts";
import { cleared, hostLost } from "./decide-host.ts";
import { endBadly } from "./failures.ts";
import type { Context } from "./options.ts";
import { splitTask } from "./split.ts";
import { agentDelivered } from "./standing.ts";
import { agentOf, attemptOf, currentAttempt, type State, taskOf, teamOf } from "./state.ts";

type AgentReport = Extract<Report, { type: `agent${string}` }>;
type AttemptReport = Extract<Report, { type: `attempt${string}` }>;

/**
 * What a node reports becomes fact only where it still fits: a repeat changes nothing, and neither does the late
 * outcome of an attempt that was superseded (its commit stays under its own ref).
 */
export function acceptReport(
  state: State,
  command: Extract<Command, { type: "acceptReport" }>,
  context: Context,
): Event[] {
  const { report } = command;
  if (report.type === "allowanceReturned") return takeBack(state, command.node, report, context);
  if (report.type === "planningSpent") return planningSpent(state, command.node, report, context);
  if (report.type === "hostLost") return hostLost(state, command.node, report, context);
  if ("attempt" in report) return attemptReport(state, report, context);
  return agentReport(state, report, context);
}

function agentReport(state: State, report: AgentReport, context: Context): Event[] {
  const { at } = context;
  const agent = state.agents.get(report.agent);
  if (!agent || agentEnded(agent.state)) return [];
  switch (report.type) {
    case "agentReady":
      return agent.readyAt === null ? [{ ...report, at }] : [];
    case "agentStopped":
      return [{ ...report, at }, ...losePrompt(state, agent.attempt, report.reason, context)];
    case "agentLost":
      return [{ ...report, at }, ...losePrompt(state, agent.attempt, report.reason, context)];
    default:
      unreachable(report);
  }
}

/** The attempt that an agent was working on goes with it; one that is past its agent goes on. */
function losePrompt(state: State, attempt: string | null, detail: string, context: Context): Event[] {
  if (attempt === null) return [];
  const end = { state: "lost", failure: { reason: "host-lost", detail }, commit: null } as const;
  return endBadly(state, attemptOf(state, attempt), end, context);
}

function attemptReport(state: State, report: AttemptReport, context: Context): Event[] {
  const { at } = context;
  const attempt = state.attempts.get(report.attempt);
  if (!attempt) return [];
  // Money was spent, whatever became of the attempt.
  if (report.type === "attemptSpent") return isMore(report.usage, attempt.usage) ? [{ ...report, at }] : [];
  if (attemptEnded(attempt.state)) return [];
  assert(
    currentAttempt(state, taskOf(state, attempt.task)) === attempt,
    `attempt ${attempt.id} is open but not current`,
  );
  switch (report.type) {
    case "attemptStarted":
      return attempt.state === "leased" ? [{ ...report, at }] : [];
    case "attemptVerifying":
      return verifying(state, attempt, context);
    case "attemptVerified":
      return attempt.state === "merging"
        ? []
        : [
            ...verifying(state, attempt, context),
            { type: "attemptMerging", at, attempt: attempt.id, commit: report.commit, files: report.files },
          ];
    case "attemptFailed":
      return failed(state, attempt, report, context);
    case "attemptSplit": {
      const task = taskOf(state, attempt.task);
      if (attempt.state === "merging") return [];
      return [
        ...verifying(state, attempt, context),
        ...splitTask(state, attempt, task, report.parts, report.commit, context),
      ];
    }
    case "attemptCancelled": {
      const failure = { reason: "node-lost", detail: "its node gave it up" } as const;
      return endBadly(state, attempt, { state: "lost", failure, commit: report.commit }, context);
    }
    case "attemptMerged":
      return attempt.state === "merging" ? accepted(state, attempt, report.commit, context) : [];
    default:
      unreachable(report);
  }
}

/** Money was spent, whatever became of the team. */
function planningSpent(
  state: State,
  node: NodeId,
  { team: id, usage }: Extract<Report, { type: "planningSpent" }>,
  { at }: Context,
): Event[] {
  const team = state.teams.get(id);
  const known = team?.planned?.[node] ?? noUsage;
  if (!team || !isMore(usage, known)) return [];
  return [{ type: "teamSpent", at, team: id, usage: usageSince(usage, known), node }];
}

/** Usage is cumulative, so only growth is news. */
function isMore(usage: Usage, known: Usage): boolean {
  return usage.requests > known.requests || usage.costUsd > known.costUsd;
}

/** Reports of one attempt come in order, but its start may have been folded into a later one. */
function verifying(state: State, attempt: Attempt, context: Context): Event[] {
  const { at } = context;
  const events: Event[] = [];
  const { id } = attempt;
  if (attempt.state === "verifying" || attempt.state === "merging") return [];
  if (attempt.state === "leased")
    events.push({ type: "attemptStarted", at, attempt: id, sessionId: "", transcript: null });
  events.push({ type: "attemptVerifying", at, attempt: id }, ...agentDelivered(state, attempt, context));
  return [...events, ...cleared(taskOf(state, attempt.task), context)];
}

function failed(
  state: State,
  attempt: Attempt,
  report: Extract<Report, { type: "attemptFailed" }>,
  context: Context,
): Event[] {
  const { commit } = report;
  const failure = besideFullDisk(state, attempt, report.failure);
  const atGate = attempt.state === "verifying" || attempt.state === "merging";
  const outlived = attempt.state === "running" && !cutShort.has(failure.reason);
  const acquitted = outlived ? cleared(taskOf(state, attempt.task), context) : [];
  const end = { state: atGate ? ("rejected" as const) : ("failed" as const), failure, commit };
  return [...acquitted, ...endBadly(state, attempt, end, context)];
}

/** What a full disk may look like from inside an attempt: a file that was not written, and a word of it that was lost. */
const ofFullDisk: ReadonlySet<FailureReason> = new Set(["agent-error", "no-diff", "gate", "workspace"]);

/** `failure`, or that the disk of its node was full meanwhile. An attempt that only began then would not have been given out. */
function besideFullDisk(state: State, attempt: Attempt, failure: Failure): Failure {
  const node = state.nodes.get(agentOf(state, attempt.agent).node);
  const isFull = node?.pressure?.kinds.includes("disk") ?? false;
  if (!ofFullDisk.has(failure.reason) || !(isFull || (node?.diskFullUntil ?? 0) > attempt.leasedAt)) return failure;
  return { reason: "disk-full", detail: `${failure.reason}, while the disk of its node was full: ${failure.detail}` };
}

/** What was cut short might have killed its host a moment later. */
const cutShort: ReadonlySet<FailureReason> = new Set([
  "timeout",
  "provider",
  "budget",
  "quota",
  "workspace",
  "cancelled",
]);

function accepted(state: State, attempt: Attempt, commit: string, context: Context): Event[] {
  const { at } = context;
  const task = taskOf(state, attempt.task);
  return [
    { type: "attemptEnded", at, attempt: attempt.id, state: "accepted", failure: null, commit: null },
    { type: "taskDone", at, task: task.id, commit },
    ...workDone(teamOf(state, task.team), context),
    ...readyNow(state, task).map(({ id }): Event => ({ type: "taskQueued", at, task: id, notBefore: 0, feedback: "" })),
  ];
}

/** The tasks that waited for nothing but `task`. */
function readyNow(state: State, task: Task): Task[] {
  return task.dependents
    .map((id) => taskOf(state, id))
    .filter((next) => next.state === "blocked" && next.openNeeds === 1);
}
