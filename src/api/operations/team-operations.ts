/** Operations on teams, and what comes before and after them: plans and costs. */
import { answerRequest, budgetRequest, planRequest, scaleRequest, spawnRequest } from "./bodies.ts";
import { acts, inspected, megabytes, noTeam, type Operation, planned, reads } from "./operation.ts";
import { object, page, paging, someOf, word } from "./schema.ts";
import { acceptedTeam, costReport, teamStates, teamStatus, teamSummary } from "./team-shapes.ts";
import { attemptStates, planAnswer, timelineEntry } from "./work-shapes.ts";

export const teamOperations = {
  listTeams: {
    ...reads,
    summary: "All teams, oldest first",
    query: object({ ...paging, state: someOf(teamStates, "Only teams in one of these states.") }),
    answer: page(teamSummary),
    errors: ["CURSOR_INVALID"],
  },
  spawnTeam: {
    ...acts,
    summary: "Start a team on a task or a plan",
    body: spawnRequest,
    bodyLimit: 64 * megabytes,
    answer: acceptedTeam,
    status: 201,
    errors: [...planned, ...inspected, "TEAM_EXISTS", "BRANCH_EXISTS", "NODE_UNREACHABLE", "GIT_FAILED"],
  },
  getTeam: { ...reads, summary: "How a team stands", answer: teamStatus, errors: noTeam },
  scaleTeam: {
    ...acts,
    summary: "Give a team another size, or bounds of one",
    body: scaleRequest,
    answer: teamStatus,
    errors: [...noTeam, "TEAM_ENDED", "OPTION_RANGE"],
  },
  raiseBudget: {
    ...acts,
    summary: "Let a team spend more than it was to; what failed for lack of money is not retried by it",
    body: budgetRequest,
    answer: teamStatus,
    errors: [...noTeam, "TEAM_ENDED", "OPTION_RANGE"],
  },
  answerTeam: {
    ...acts,
    summary: "Say what is to become of agents whose providers are all out: another model, wait, or give up",
    body: answerRequest,
    answer: teamStatus,
    errors: [
      ...noTeam,
      "TEAM_ENDED",
      "MODEL_UNKNOWN",
      "MODEL_KEY_MISSING",
      "MODEL_API_UNSUPPORTED",
      "NODE_UNREACHABLE",
    ],
  },
  pauseTeam: {
    ...acts,
    summary: "Lease no more tasks",
    answer: teamStatus,
    errors: [...noTeam, "TEAM_STATE", "TEAM_ENDED"],
  },
  resumeTeam: {
    ...acts,
    summary: "Go on after a pause",
    answer: teamStatus,
    errors: [...noTeam, "TEAM_STATE", "TEAM_ENDED"],
  },
  killTeam: {
    ...acts,
    summary: "End a team; what is merged stays",
    answer: teamStatus,
    errors: [...noTeam, "TEAM_ENDED"],
  },
  getTimeline: {
    ...reads,
    summary: "Every attempt of a team, in the order in which they were leased",
    query: object({
      ...paging,
      state: someOf(attemptStates, "Only attempts in one of these states."),
      agent: word("Only attempts of this agent, by its id."),
      task: word("Only attempts at this task, by its id."),
    }),
    answer: page(timelineEntry),
    errors: [...noTeam, "CURSOR_INVALID"],
  },
  makePlan: {
    ...acts,
    summary: "Make a plan for a goal, or look at one; nothing is started",
    body: planRequest,
    bodyLimit: 64 * megabytes,
    answer: planAnswer,
    errors: [...planned, ...inspected, "PLAN_REFUSED", "MODEL_FAILED", "NODE_UNREACHABLE", "GIT_FAILED"],
  },
  getCosts: {
    ...reads,
    summary: "What was spent, by one team or by all",
    query: object({
      team: word("Name or id of a team. Default all."),
      by: word("task, agent, model or hour. Default task."),
    }),
    answer: costReport,
    errors: noTeam,
  },
} as const satisfies Record<string, Operation>;
