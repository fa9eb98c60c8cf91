import type { Gateway } from "../gateway/index.ts";
import { codeOf, GodelError, messageOf } from "../lib/errors.ts";
import type { AttemptBrief, Report, TeamBrief } from "../model/link.ts";
import type { Failure } from "../model/records.ts";
import { type RuntimeAgent, type Settled, scrubbedEnv } from "../runtimes/index.ts";
import type { Workspace, Workspaces } from "../workspace/index.ts";
import { promptFor } from "./prompt.ts";

export interface AttemptParts {
  gateway: Gateway;
  workspaces: Workspaces;
  /** Folder for the attempt's transcript and the output of its gates. */
  logDir: string;
  /** Marks every process that works for this node, so that strays can be found. */
  mark: string;
  report(report: Report): void;
  /** Reports what the attempt has spent so far, before the report that follows. */
  settleSpending(): void;
}

export interface AttemptWork {
  team: TeamBrief;
  brief: AttemptBrief;
  agent: RuntimeAgent;
  /** False for a runtime whose prompt is a command: it gets the task's own words and no model. */
  asksModel: boolean;
}

/** One gate may run this long, in ms. */
const gateTimeoutMs = 10 * 60_000;

/**
 * One attempt on its node: worktree, prompt, commit, gates. Its merge is ordered apart, once the engine has recorded
 * that the gates passed.
 *
 *     open worktree → prompt → commit → gates → verified
 *           └─────────────┴───────┴───────┴──→ failed | cancelled, with the work kept under its ref
 */
export class AttemptRun {
  readonly id: string;
  readonly #work: AttemptWork;
  readonly #parts: AttemptParts;
  readonly #cancel = new AbortController();
  #timedOut = false;

  constructor(work: AttemptWork, parts: AttemptParts) {
    this.id = work.brief.id;
    this.#work = work;
    this.#parts = parts;
  }

  /** Gives the attempt up: its agent is aborted, its gates are killed, its work is kept. */
  cancel(): void {
    this.#cancel.abort();
  }

  /** The agent has worked for too long. */
  expire(): void {
    this.#timedOut = true;
    void this.#work.agent.abort();
  }

  /** Never rejects but for our own bugs. Resolves when the worktree is gone. */
  async run(): Promise<void> {
    const { workspaces } = this.#parts;
    try {
      const { id, team, key, number } = this.#work.brief;
      // Its order came long ago, and may have failed then: a repository can be out of reach for a while.
      await workspaces.openTeam(this.#work.team);
      const workspace = await workspaces.open({ id, team, key, number });
      const end = (await this.#prompt(workspace)) ?? (await this.#verify(workspace));
      await this.#finish(end);
    } catch (error) {
      if (!(error instanceof GodelError)) throw error;
      await this.#finish(failedWith({ reason: "workspace", detail: messageOf(error) })).catch(() => {});
    }
  }

  /** What ended the attempt at its agent, or null when there is work to verify. */
  async #prompt(workspace: Workspace): Promise<Report | null> {
    const { brief, agent } = this.#work;
    const { gateway } = this.#parts;
    const url = await this.#modelUrl();
    if (this.#cancel.signal.aborted) return cancelled;
    const abort = () => void agent.abort();
    this.#cancel.signal.addEventListener("abort", abort, { once: true });
    const settled = await agent.prompt(this.#workFor(workspace, url));
    this.#cancel.signal.removeEventListener("abort", abort);
    gateway.revoke(brief.id);
    this.#parts.settleSpending();
    if (this.#cancel.signal.aborted) return cancelled;
    return settled.ok ? null : this.#unsettled(settled);
  }

  #unsettled({ failure }: Extract<Settled, { ok: false }>): Report {
    if (this.#timedOut) {
      const detail = `the agent worked for longer than ${this.#work.brief.deadlineMs / 60_000} minutes`;
      return failedWith({ reason: "timeout", detail });
    }
    return failedWith(failure);
  }

  async #modelUrl(): Promise<string | null> {
    const { brief, team, asksModel } = this.#work;
    if (!asksModel) return null;
    const { id: attempt, task, agent } = brief;
    return (await this.#parts.gateway.grant({ attempt, task, agent, team: team.id, model: team.model })).url;
  }

  #workFor({ dir }: Workspace, modelUrl: string | null) {
    const { brief, team, asksModel } = this.#work;
    const { logDir } = this.#parts;
    const env = { ...this.#marks(), GODEL_FEEDBACK: asksModel ? "" : brief.feedback };
    const prompt = asksModel ? promptFor(team, brief) : brief.prompt;
    return { attempt: brief.id, cwd: dir, prompt, modelUrl, env, transcriptDir: logDir };
  }

  /** By these the node finds what a command leaves behind, whoever started it. */
  #marks() {
    return { GODEL_ATTEMPT: this.id, GODEL_WORK_OF: this.#parts.mark };
  }

  async #verify(workspace: Workspace): Promise<Report> {
    const { brief } = this.#work;
    const { workspaces, report } = this.#parts;
    report({ type: "attemptVerifying", attempt: brief.id });
    const body = `Godel-Task: ${brief.key}\nGodel-Attempt: ${brief.id}`;
    const { commit } = await workspaces.commit(workspace, { subject: brief.title, body });
    if (commit === null && brief.diff === "required") {
      return failedWith({ reason: "no-diff", detail: "the agent said it was done, but changed nothing" });
    }
    const result = await workspaces.runGates(workspace, brief.gates, {
      signal: this.#cancel.signal,
      timeoutMs: gateTimeoutMs,
      env: { ...scrubbedEnv(process.env), ...this.#marks() },
      logFile: `${this.#parts.logDir}/gates.log`,
    });
    if (this.#cancel.signal.aborted) return cancelled;
    if (result.passed) return { type: "attemptVerified", attempt: brief.id, commit };
    const code = result.exitCode === null ? "did not end in time" : `exited with ${result.exitCode}`;
    return failedWith({ reason: "gate", detail: `\`${result.gate}\` ${code}:\n${result.tail}` });
  }

  /** Keeps the work, removes the worktree, and says how it ended. */
  async #finish(end: Report): Promise<void> {
    const { workspaces, report } = this.#parts;
    const attempt = this.id;
    if (end.type === "attemptVerified") {
      report(end);
      await workspaces.release(attempt);
      return;
    }
    const kept = await workspaces.release(attempt).catch((error) => {
      // Without room there is nothing to keep it with; the worktree stays for `salvage`.
      if (codeOf(error) === "DISK_FULL" || codeOf(error) === "GIT_FAILED") return { commit: null };
      throw error;
    });
    if (end.type === "attemptCancelled") report({ type: "attemptCancelled", attempt, commit: kept.commit });
    // The loss of the agent is reported by its host; that ends the attempt too.
    else if (end.type === "attemptFailed" && end.failure.reason !== "host-lost") {
      report({ ...end, attempt, commit: kept.commit });
    }
  }
}

const cancelled: Report = { type: "attemptCancelled", attempt: "", commit: null };

function failedWith(failure: Failure): Report {
  return { type: "attemptFailed", attempt: "", failure, commit: null };
}
