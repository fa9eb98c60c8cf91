/** Where godel keeps what it must not lose. One folder, one owner, nothing outside it. */
import { homedir } from "node:os";
import { join, resolve } from "node:path";

export interface Home {
  dir: string;
  /** Policies and limits, written by people; need not be there. */
  settings: string;
  /** `{ pid, nodePid, url, token, startedAt }`, mode 0600; there while the engine answers. */
  engineFile: string;
  /** What the sessions of browsers are signed with, mode 0600. */
  sessionKey: string;
  /** Tokens that were given out, hashed, mode 0600. */
  tokens: string;
  /** Who changed what; the file before it has `.1` behind its name. */
  audit: string;
  /** Answers of the API to requests that came with an Idempotency-Key. */
  answers: string;
  engineLog: string;
  journal: string;
  nodeLog: string;
  nodeLock: string;
  /** Who holds `nodeLock`, or held it last. */
  nodePid: string;
  outbox: string;
  /** What the gateway has reserved and spent; appended to before each request. */
  ledger: string;
  /** One worktree for each open attempt. */
  worktrees: string;
  /** Transcripts and gate output, by team, task and attempt. */
  attempts: string;
  /** Scratch folders of agents. */
  agents: string;
  /** Temporary files of attempts whose disk is bounded. */
  scratch: string;
  /** Compiled code of the hosts, so that the next ones start faster. */
  cache: string;
}

/** In the environment of every process that works for a node, with its home as the value: strays are found by it. */
export const workMark = "GODEL_WORK_OF";

/** `GODEL_HOME`, or `~/.godel`. */
export function homeOf(env: NodeJS.ProcessEnv): Home {
  const dir = resolve(env.GODEL_HOME || join(homedir(), ".godel"));
  return {
    dir,
    settings: join(dir, "godel.yaml"),
    engineFile: join(dir, "engine.json"),
    sessionKey: join(dir, "session.key"),
    tokens: join(dir, "tokens.json"),
    audit: join(dir, "audit.log"),
    answers: join(dir, "answers.db"),
    engineLog: join(dir, "engine.log"),
    journal: join(dir, "journal.db"),
    nodeLog: join(dir, "node.log"),
    nodeLock: join(dir, "node.lock"),
    nodePid: join(dir, "node.pid"),
    outbox: join(dir, "outbox.db"),
    ledger: join(dir, "ledger.log"),
    worktrees: join(dir, "worktrees"),
    attempts: join(dir, "attempts"),
    agents: join(dir, "agents"),
    scratch: join(dir, "scratch"),
    cache: join(dir, "cache"),
  };
}

/** The folder of pi's own configuration: `PI_CODING_AGENT_DIR`, or `~/.pi/agent`. */
export function piDirOf(env: NodeJS.ProcessEnv): string {
  return resolve(env.PI_CODING_AGENT_DIR || join(homedir(), ".pi", "agent"));
}
