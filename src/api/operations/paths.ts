/** Where each operation of the API is. Apart from what it takes and gives, so that a client need not load schemas. */
export const paths = {
  listTeams: "GET /api/v1/teams",
  spawnTeam: "POST /api/v1/teams",
  getTeam: "GET /api/v1/teams/:team",
  scaleTeam: "POST /api/v1/teams/:team/scale",
  raiseBudget: "POST /api/v1/teams/:team/budget",
  answerTeam: "POST /api/v1/teams/:team/answer",
  pauseTeam: "POST /api/v1/teams/:team/pause",
  resumeTeam: "POST /api/v1/teams/:team/resume",
  killTeam: "POST /api/v1/teams/:team/kill",
  getTimeline: "GET /api/v1/teams/:team/timeline",
  listTasks: "GET /api/v1/tasks",
  getTask: "GET /api/v1/tasks/:task",
  whyTask: "GET /api/v1/tasks/:task/why",
  retryTask: "POST /api/v1/tasks/:task/retry",
  cancelTask: "POST /api/v1/tasks/:task/cancel",
  reassignTask: "POST /api/v1/tasks/:task/reassign",
  forTasks: "POST /api/v1/tasks/bulk",
  listAgents: "GET /api/v1/agents",
  getAgent: "GET /api/v1/agents/:agent",
  getAgentLogs: "GET /api/v1/agents/:agent/logs",
  pauseAgent: "POST /api/v1/agents/:agent/pause",
  resumeAgent: "POST /api/v1/agents/:agent/resume",
  killAgent: "POST /api/v1/agents/:agent/kill",
  steerAgent: "POST /api/v1/agents/:agent/steer",
  forAgents: "POST /api/v1/agents/bulk",
  getAttention: "GET /api/v1/attention",
  getAttemptTranscript: "GET /api/v1/attempts/:attempt/transcript",
  getAttemptLog: "GET /api/v1/attempts/:attempt/log",
  getAttemptDiff: "GET /api/v1/attempts/:attempt/diff",
  makePlan: "POST /api/v1/plans",
  getCosts: "GET /api/v1/costs",
  followEvents: "GET /api/v1/events",
  listProviders: "GET /api/v1/providers",
  getHealth: "GET /api/v1/health",
  listTokens: "GET /api/v1/tokens",
  createToken: "POST /api/v1/tokens",
  revokeToken: "POST /api/v1/tokens/:token/revoke",
  listAudit: "GET /api/v1/audit",
  makeTicket: "POST /api/v1/tickets",
  collectGarbage: "POST /api/v1/garbage",
  backUp: "POST /api/v1/backup",
  shutDown: "POST /api/v1/shutdown",
} as const;

export type OperationName = keyof typeof paths;

/** `GET`, or `POST` for whatever changes something. */
export type Method = "GET" | "POST";

/** @returns the method of an operation, and its path with `:name` for what stands in it. */
export function placeOf(name: OperationName): { method: Method; path: string } {
  const [method, path = ""] = paths[name].split(" ");
  return { method: method as Method, path };
}
