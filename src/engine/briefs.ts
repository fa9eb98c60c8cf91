/** What a node is told of a team, an agent and an attempt when it is to work for them. */
import { quotaIn } from "../federation/resources/options.ts";
import type { AgentBrief, AttemptBrief, LostAttempts, TeamBrief } from "../model/link.ts";
import type { Agent, Attempt, AttemptId, NodeId, Task, Team } from "../model/records.ts";
import { shareOf } from "../model/share.ts";
import { allowanceOf, limitOf, spentOn } from "./allowances.ts";
import type { EngineOptions } from "./options.ts";
import { maySplit } from "./split.ts";
import { attemptOf, type State, spentOnTask, taskOf, teamOf } from "./state.ts";

export type BriefOptions = Pick<EngineOptions, "attemptDeadlineMs" | "maxSplitDepth" | "policies">;

export function teamBrief(state: State, team: Team, node: NodeId): TeamBrief {
  const { id, name, goal, repo, base, branch, model, standIn } = team;
  const money = { limit: allowanceOf(state, team, node), spent: spentOn(state, team, node) };
  return { id, name, goal, repo, base, branch, model, share: shareOf(team), ...money, ...(standIn && { standIn }) };
}

export function agentBrief(agent: Agent, { policies }: BriefOptions): AgentBrief {
  const { id, team, runtime, model, skills, alone = false } = agent;
  const { stopWithinMs } = policies.resources;
  return { id, team, runtime, model, skills, stopWithinMs, ...(alone && { alone }) };
}

export function attemptBrief(state: State, attempt: Attempt, options: BriefOptions): AttemptBrief {
  const quota = quotaIn(options.policies.resources);
  const task = taskOf(state, attempt.task);
  return {
    id: attempt.id,
    task: task.id,
    key: task.key,
    team: task.team,
    agent: attempt.agent,
    number: attempt.number,
    title: task.title,
    prompt: task.prompt,
    feedback: feedbackFor(state, task),
    gates: [...teamOf(state, task.team).gates, ...task.gates],
    diff: task.diff,
    ...(attempt.tier && { model: attempt.tier.model }),
    deadlineMs: options.attemptDeadlineMs,
    ...(quota && { quota }),
    ...(maySplit(task, options) && { maySplit: true }),
    ...(task.parts && { parts: task.parts.map((part) => taskOf(state, part).title) }),
    ...(attempt.resumes && { resumes: lostAttempts(state, attempt.resumes) }),
    budget: {
      attempt: limitOf(options.policies.budget.attemptUsd, options.policies.budget.attemptTokens),
      task: { usd: task.budgetUsd, tokens: null },
      taskSpent: spentOnTask(state, task),
    },
  };
}

function lostAttempts(state: State, attempts: AttemptId[]): LostAttempts {
  const because = attempts.map((id) => attemptOf(state, id).failure?.detail)[0] ?? "";
  return { attempts, because };
}

/** What the last attempt ran into, and which models have tried where that is chosen for each. */
function feedbackFor(state: State, task: Task): string {
  const tried = task.attempts.slice(0, -1).flatMap((id) => attemptOf(state, id).tier?.model ?? []);
  if (task.feedback === "" || tried.length === 0) return task.feedback;
  return `${task.feedback}\n\nTried so far by: ${tried.join(", ")}.`;
}
