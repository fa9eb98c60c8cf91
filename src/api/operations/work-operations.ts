/** Operations on tasks, agents and attempts. */
import { attention, bulkAnswer } from "./attention-shapes.ts";
import { bulkAgents, bulkTasks, steerRequest } from "./bodies.ts";
import { acts, megabytes, noAgent, noTask, noTeam, type Operation, ofTeam, reads } from "./operation.ts";
import { digits, object, oneOf, page, paging, someOf, word } from "./schema.ts";
import { taskStates } from "./team-shapes.ts";
import { Type } from "./type.ts";
import {
  agentLog,
  agentStates,
  agentView,
  attemptDiff,
  attemptLog,
  attemptTranscript,
  taskDetail,
  taskSummary,
  why,
} from "./work-shapes.ts";

export const workOperations = {
  listTasks: {
    ...reads,
    summary: "The tasks of a team, in the order of its plan",
    query: object({
      ...paging,
      team: ofTeam,
      state: someOf(taskStates, "Only tasks in one of these states."),
      agent: word("Only tasks whose last attempt is of this agent, by its id."),
      skill: word("Only tasks that ask for this skill."),
    }),
    answer: page(taskSummary),
    errors: [...noTeam, "CURSOR_INVALID"],
  },
  getTask: { ...reads, summary: "A task with its attempts", answer: taskDetail, errors: noTask },
  whyTask: { ...reads, summary: "The true reason why a task is where it is", answer: why, errors: noTask },
  retryTask: {
    ...acts,
    summary: "Queue a task again that ended without being done",
    answer: taskDetail,
    errors: [...noTask, "TASK_NOT_RETRYABLE", "TEAM_ENDED", "TEAM_STATE"],
  },
  cancelTask: {
    ...acts,
    summary: "Give a task up",
    answer: taskDetail,
    errors: [...noTask, "TASK_ENDED", "TASK_MERGING"],
  },
  reassignTask: {
    ...acts,
    summary: "Take a task from the agent that works on it, for another; what it has done is kept",
    answer: taskDetail,
    errors: [...noTask, "TASK_ENDED", "TASK_MERGING", "TASK_STATE"],
  },
  listAgents: {
    ...reads,
    summary: "The agents of a team, oldest first",
    query: object({ ...paging, team: ofTeam, state: someOf(agentStates, "Only agents in one of these states.") }),
    answer: page(agentView),
    errors: [...noTeam, "CURSOR_INVALID"],
  },
  getAgent: { ...reads, summary: "One agent", answer: agentView, errors: noAgent },
  getAgentLogs: {
    ...reads,
    summary: "What an agent said and did in its newest attempt: the last lines",
    query: object({ lines: digits(5, "At most so many lines, up to 10000. Default 200.") }),
    answer: agentLog,
    errors: [...noAgent, "NODE_UNREACHABLE"],
  },
  pauseAgent: {
    ...acts,
    summary: "Give an agent no more tasks",
    answer: agentView,
    errors: [...noAgent, "AGENT_STATE"],
  },
  resumeAgent: {
    ...acts,
    summary: "Give a paused agent tasks again",
    answer: agentView,
    errors: [...noAgent, "AGENT_STATE"],
  },
  killAgent: {
    ...acts,
    summary: "End an agent; its task is queued again",
    answer: agentView,
    errors: [...noAgent, "AGENT_STATE"],
  },
  steerAgent: {
    ...acts,
    summary: "Tell an agent at work something",
    body: steerRequest,
    bodyLimit: megabytes,
    answer: agentView,
    errors: [...noAgent, "AGENT_STATE", "NODE_UNREACHABLE"],
  },
  forTasks: {
    ...acts,
    summary: "Retry or cancel many tasks at once; each is done or refused by itself",
    body: bulkTasks,
    bodyLimit: megabytes,
    answer: bulkAnswer,
    errors: [],
  },
  forAgents: {
    ...acts,
    summary: "Pause, resume or kill many agents at once; each is done or refused by itself",
    body: bulkAgents,
    bodyLimit: megabytes,
    answer: bulkAnswer,
    errors: [],
  },
  getAttention: {
    ...reads,
    summary: "What needs a person, grouped by cause, what holds up most first",
    answer: attention,
    errors: [],
  },
  getAttemptTranscript: {
    ...reads,
    summary:
      "What the agent of an attempt said and did, step by step; with `file` and `next` of an answer, what came since",
    query: object({
      file: word("`file` of the answer before."),
      from: digits(15, "`next` of the answer before, in bytes. Default 0."),
      heard: digits(
        15,
        "0, then `heard` of the answer before: `saying` has what the agent says right now, and an answer with no news waits for some, a second at most.",
      ),
    }),
    answer: attemptTranscript,
    errors: [...noTask, "NOT_FOUND", "NODE_UNREACHABLE"],
  },
  getAttemptLog: {
    ...reads,
    summary: "The transcript of an attempt or the output of its gates: the last lines",
    query: object({
      what: Type.Optional(oneOf(["transcript", "gates"])),
      lines: digits(5, "At most so many lines, up to 10000. Default 400."),
    }),
    answer: attemptLog,
    errors: [...noTask, "NOT_FOUND", "NODE_UNREACHABLE"],
  },
  getAttemptDiff: {
    ...reads,
    summary: "What an attempt changed, as git shows it: the first lines",
    answer: attemptDiff,
    errors: [...noTask, "NOT_FOUND", "NODE_UNREACHABLE", "GIT_FAILED"],
  },
} as const satisfies Record<string, Operation>;
