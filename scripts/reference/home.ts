import { join, relative } from "node:path";
import { type Home, homeOf } from "../../src/model/home.ts";

/** Everything that godel reads from its environment by name; a test holds it against the code. */
export const variables: Record<string, string> = {
  GODEL_HOME: "The home folder. Default `~/.godel`. Two homes are two godels that do not know of each other.",
  GODEL_PORT:
    "Port of the engine on 127.0.0.1, 0 to 65535; 0 takes any free one. Default 7373. `up --port` comes before it.",
  GODEL_NODE: "A Node 24 or newer to run on, where the one in `PATH` is older and none shall be fetched.",
  XDG_CACHE_HOME: "Where a fetched Node and compiled code are kept, in `godel/`. Default `~/.cache`.",
  PI_CODING_AGENT_DIR: "pi's configuration: `models.json`, `auth.json`. Default `~/.pi/agent`.",
  OTEL_EXPORTER_OTLP_ENDPOINT:
    "A collector's base URL, such as `http://127.0.0.1:4318`: goals, plans, tasks, attempts, requests to models, calls of tools, gates and merges are sent there as spans. Read by the engine and the node.",
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "The whole URL for spans, in place of it.",
  OTEL_EXPORTER_OTLP_HEADERS: "Headers for the collector: `name=value,…`.",
  OTEL_SERVICE_NAME: "What spans say they come from. Default `godel`.",
  VISUAL: "The editor that `--interactive` opens. Default: `EDITOR`.",
  EDITOR: "The same, after `VISUAL`. Default: `vi`.",
  NO_COLOR: "Set to anything: no colours.",
  TERM: "`dumb`: plain lines in place of the live view.",
};

/** What the commands of agents and gates find in their environment. */
const forCommands: Record<string, string> = {
  GODEL_ATTEMPT: "The attempt: `TEAM_ID/KEY/N`.",
  GODEL_PARTS:
    "For agents of `--runtime command`: titles of the parts that the task was split into and that are done, a line each, or empty.",
  GODEL_FEEDBACK:
    "For agents of `--runtime command`: what the last attempt ran into, or empty. (pi agents read it in their prompt.)",
};

const entries: Record<Exclude<keyof Home, "dir">, string> = {
  settings:
    "Policies and limits that you choose; see [settings](settings.md). Read when the engine or the node starts.",
  engineFile: "`{ pid, nodePid, url, token, startedAt }`, mode 0600; there while the engine is up.",
  sessionKey:
    "What the sessions of browsers are signed with, mode 0600. Delete it and start the engine again to end them all.",
  tokens: "Tokens that were given out with `godel token create`: their hashes, mode 0600.",
  audit:
    "Who changed what: a line of JSON for each request that changes something. From 8 MB on a new file is begun; the one before it is `audit.log.1`.",
  answers: "What the API answered to requests with an `Idempotency-Key`, for a day (SQLite).",
  engineLog:
    "What the engine has to say of trouble: failed attempts, damage that it got around. A line of JSON each: `level`, `time`, `msg`; `team`, `task` or `attempt`, and their `trace_id` and `span_id` as a collector has them. From 8 MiB on it begins anew; the three before it are `engine.log.1` to `.3`.",
  journal: "Every event since the last but one of the snapshots beside it (SQLite), and its lock.",
  nodeLog: "The same of the node, bounded in the same way. Normally nothing.",
  nodeLock: "Held by the node of this home.",
  nodePid: "The process id of the node that holds the lock, or held it last.",
  outbox: "Reports of the node that no engine has acknowledged yet (SQLite).",
  ledger:
    "What the gateway has reserved and spent, a line for each: written before a request goes out, so that no spending is lost with its process.",
  worktrees: "A git worktree for each attempt under way.",
  attempts:
    "`TEAM_ID/KEY/N/`: the agent's transcript, `gates.log`, and `requests.log`: a line of JSON for each request to a model.",
  agents: "A scratch folder for each agent.",
  scratch:
    "Temporary files (`TMPDIR`) of attempts whose disk is bounded by `resources.maxDiskPerAttempt`; gone when they end.",
  cache: "Compiled code of the agent hosts. May be deleted while godel is down.",
};

/** docs/reference/home.md */
export function homeReference(): string {
  const { dir, ...paths } = homeOf({ GODEL_HOME: "/home" });
  const files = Object.entries(paths).map(
    ([name, path]) => `| \`${relative(join(dir), path)}\` | ${entries[name as keyof typeof entries]} |`,
  );
  return `# The home folder and the environment

## GODEL_HOME

Made so that only its owner may read it. \`godel backup\` keeps what the engine knows; to
keep everything, copy the folder while godel is down.

| path | holds |
|---|---|
${files.join("\n")}

In a repository godel writes objects, the branches \`godel/NAME\`, the refs \`refs/godel/NAME/KEY/N\` (the work of each
attempt) and, while attempts are under way, entries in \`.git/worktrees\` and \`.git/godel\`. Nothing else.

## Variables that godel reads

${tableOf(variables)}

Keys of model providers are read as pi reads them: from \`auth.json\`, from \`models.json\`, and from the provider's own
variable, such as \`ANTHROPIC_API_KEY\`. The engine and its node see the environment of the command that started them.

## Variables that commands of agents and gates are given

${tableOf(forCommands)}

Commands of agents and gates inherit the environment of the node without what looks like a secret (\`*_API_KEY\`,
\`*TOKEN*\`, \`*SECRET*\`, addresses that hold a password and so on), without \`GIT_*\`, and without godel's and pi's own
variables.

This page is written by \`node scripts/reference.ts\` from \`src/model/home.ts\`.
`;
}

function tableOf(rows: Record<string, string>): string {
  const lines = Object.entries(rows).map(([name, about]) => `| \`${name}\` | ${about} |`);
  return ["| name | |", "|---|---|", ...lines].join("\n");
}
