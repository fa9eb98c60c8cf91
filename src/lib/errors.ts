/** Exit codes of the command line. */
export const exitCodes = { done: 0, tasksFailed: 1, usage: 2, unreachable: 3, budget: 4, interrupted: 130 } as const;

const { usage, unreachable, tasksFailed } = exitCodes;

/** Every failure a caller may meet: its HTTP status, its exit code, and what to do next. Codes are only ever added. */
export const catalog = {
  OPTION_UNKNOWN: { status: 400, exit: usage, hint: "Run the command with --help to list its options." },
  OPTION_RANGE: { status: 400, exit: usage, hint: "Run the command with --help to see the allowed values." },
  REQUEST_INVALID: { status: 400, exit: usage, hint: "See the fields named in the message." },
  REQUEST_TOO_LARGE: {
    status: 413,
    exit: usage,
    hint: "A request may have 64 MiB, and a plan 100,000 tasks: split the plan into several teams.",
  },
  NOT_FOUND: { status: 404, exit: usage, hint: "Check the address." },
  UNAUTHORIZED: { status: 401, exit: unreachable, hint: "Read the token from engine.json in GODEL_HOME." },
  HOST_REFUSED: { status: 421, exit: usage, hint: "Use the address that `godel dashboard` prints." },
  ORIGIN_REFUSED: { status: 403, exit: usage, hint: "Only the dashboard of this engine may ask from a browser." },
  FORBIDDEN: {
    status: 403,
    exit: usage,
    hint: "Use a token of a higher role; `godel token create --role ROLE` makes one.",
  },
  TOKEN_NOT_FOUND: { status: 404, exit: usage, hint: "Run `godel token list` to see the tokens." },
  TOKENS_UNREADABLE: {
    status: 500,
    exit: unreachable,
    hint: "Mend tokens.json in GODEL_HOME, or move it away: its tokens are then good no more.",
  },
  LISTEN_REFUSED: {
    status: 400,
    exit: usage,
    hint: "Set certFile and keyFile beside host in godel.yaml, or insecure: true if nobody else can see the network.",
  },
  RATE_LIMITED: { status: 429, exit: unreachable, hint: "Ask again after the seconds that Retry-After names." },
  CURSOR_INVALID: { status: 400, exit: usage, hint: "Begin again with the first page, without a cursor." },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    exit: usage,
    hint: "Send a new Idempotency-Key with each new request, and the old one only with the same request again.",
  },
  DASHBOARD_NOT_BUILT: {
    status: 503,
    exit: unreachable,
    hint: "Run `godel dashboard`, which builds it; that needs the packages of `npm ci`.",
  },
  TEAM_NOT_FOUND: { status: 404, exit: usage, hint: "Run `godel team list` to see the teams." },
  TEAM_AMBIGUOUS: { status: 409, exit: usage, hint: "Name the team; `godel team list` shows them." },
  TEAM_EXISTS: { status: 409, exit: usage, hint: "Choose another --name." },
  TEAM_STATE: { status: 409, exit: usage, hint: "Run `godel team status` to see what the team is doing." },
  TEAM_ENDED: { status: 409, exit: usage, hint: "The team has ended; spawn a new one." },
  TASK_NOT_FOUND: { status: 404, exit: usage, hint: "Run `godel task list` to see the tasks." },
  TASK_AMBIGUOUS: { status: 409, exit: usage, hint: "Say which team: TEAM/TASK, or --team TEAM." },
  TASK_NOT_RETRYABLE: { status: 409, exit: usage, hint: "Only a failed, skipped or cancelled task can be retried." },
  TASK_MERGING: { status: 409, exit: usage, hint: "Its result is moments away; look again with `godel task show`." },
  TASK_STATE: { status: 409, exit: usage, hint: "Run `godel task show` to see what the task is doing." },
  TASK_ENDED: { status: 409, exit: usage, hint: "The task has ended already." },
  AGENT_NOT_FOUND: { status: 404, exit: usage, hint: "Run `godel agent list` to see the agents." },
  AGENT_AMBIGUOUS: { status: 409, exit: usage, hint: "Give the agent's full id; `godel agent list` shows them." },
  AGENT_STATE: { status: 409, exit: usage, hint: "Run `godel agent show ID` to see what the agent is doing." },
  PLAN_INVALID: { status: 422, exit: usage, hint: "Mend the plan where the message says, and run it again." },
  PLAN_UNREADABLE: { status: 400, exit: usage, hint: "Give --plan a YAML or JSON file that exists." },
  GOAL_INVALID: { status: 422, exit: usage, hint: "Say in a few sentences what is to be done." },
  PLAN_REFUSED: {
    status: 422,
    exit: usage,
    hint: "Say more in the goal, or write the plan yourself and give it with --plan.",
  },
  SKILL_MISSING: {
    status: 422,
    exit: usage,
    hint: "Give the agents that skill with --skills, or take it from the task.",
  },
  SETTINGS_INVALID: {
    status: 422,
    exit: usage,
    hint: "Mend godel.yaml where the message says; docs/reference/settings.md lists every key.",
  },
  REPO_INVALID: { status: 422, exit: usage, hint: "Run it inside a git repository, or name one with --repo." },
  REPO_TOO_LARGE: {
    status: 422,
    exit: usage,
    hint: "Write the plan yourself and give it with --plan, or give a goal that is a Markdown list.",
  },
  REPO_EMPTY: { status: 422, exit: usage, hint: "Make a first commit: `git commit --allow-empty -m start`." },
  BRANCH_EXISTS: { status: 409, exit: usage, hint: "Choose another --name, or delete that branch." },
  BRANCH_CHECKED_OUT: {
    status: 409,
    exit: tasksFailed,
    hint: "Switch that checkout to another commit: `git switch --detach`; merging then goes on.",
  },
  MODEL_UNKNOWN: { status: 422, exit: usage, hint: "Use PROVIDER/ID as pi names it, or `--model demo`." },
  MODEL_KEY_MISSING: { status: 422, exit: usage, hint: "Set the variable that the message names, or run pi's /login." },
  MODEL_API_UNSUPPORTED: { status: 422, exit: usage, hint: "Choose a model that speaks an OpenAI or Anthropic API." },
  MODEL_FAILED: { status: 502, exit: tasksFailed, hint: "The message holds what the provider said; try again." },
  RUNTIME_UNKNOWN: { status: 422, exit: usage, hint: "Use --runtime pi or --runtime command." },
  ENGINE_RUNNING: { status: 409, exit: unreachable, hint: "Run `godel down` first, or use another GODEL_HOME." },
  ENGINE_UNREACHABLE: { status: 503, exit: unreachable, hint: "Start it with `godel up`." },
  ENGINE_START: { status: 500, exit: unreachable, hint: "See engine.log in GODEL_HOME, and run `godel doctor`." },
  PORT_TAKEN: {
    status: 409,
    exit: unreachable,
    hint: "Choose another with --port or GODEL_PORT; 0 takes any free one.",
  },
  NODE_UNREACHABLE: {
    status: 503,
    exit: unreachable,
    hint: "The node is starting or restarting; try again, or see node.log.",
  },
  OVERLOADED: { status: 503, exit: unreachable, hint: "Try again in a moment; nothing was done." },
  HOME_UNUSABLE: { status: 500, exit: unreachable, hint: "Set GODEL_HOME to a folder that you may write to." },
  DISK_FULL: { status: 507, exit: unreachable, hint: "Free some space, then run `godel up`." },
  BUDGET_EXHAUSTED: { status: 402, exit: exitCodes.budget, hint: "Spawn a new team with a larger --budget." },
  EPOCH_STALE: { status: 409, exit: unreachable, hint: "Another engine leads now; reconnect to it." },
  JOURNAL_CONFLICT: { status: 409, exit: unreachable, hint: "Read the journal again from the last known sequence." },
  JOURNAL_CORRUPT: { status: 500, exit: unreachable, hint: "Keep the folder, and run `godel restore FILE --force`." },
  JOURNAL_VERSION: {
    status: 500,
    exit: unreachable,
    hint: "Use the version of godel that wrote this journal, or a newer one.",
  },
  JOURNAL_EXISTS: {
    status: 409,
    exit: usage,
    hint: "Give --force to keep that one aside, or restore into another GODEL_HOME.",
  },
  JOURNAL_MISSING: { status: 404, exit: usage, hint: "Set GODEL_HOME to the home that you mean." },
  BACKUP_EXISTS: { status: 409, exit: usage, hint: "Name another file, or give --force to replace it." },
  BACKUP_INVALID: { status: 422, exit: usage, hint: "Name a file that `godel backup` wrote." },
  BACKUP_UNWRITABLE: { status: 400, exit: usage, hint: "Name a folder that exists and that you may write to." },
  GIT_FAILED: { status: 500, exit: tasksFailed, hint: "The message holds what git said." },
  RUNTIME_FAILED: { status: 500, exit: tasksFailed, hint: "See the agent's log: `godel agent logs ID`." },
  INTERNAL: { status: 500, exit: tasksFailed, hint: "This is a bug in godel; please report it with engine.log." },
} as const;

export type ErrorCode = keyof typeof catalog;

/** Every failure a caller may meet. `code` is stable; `message` may be reworded. */
export class GodelError extends Error {
  override readonly name = "GodelError";
  readonly code: ErrorCode;
  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
  get hint(): string {
    return catalog[this.code].hint;
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The `code` of a system or Godel error, for telling them apart without their text. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
