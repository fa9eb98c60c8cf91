import { GodelError, messageOf } from "../lib/errors.ts";
import { workMark } from "../model/home.ts";
import type { Report } from "../model/link.ts";
import { splitFile } from "../model/plan.ts";
import type { Failure, Resumption } from "../model/records.ts";
import { type Settled, scrubbedEnv, type Work } from "../runtimes/index.ts";
import type { Workspace } from "../workspace/index.ts";
import { cancelled, failedWith, outOfBudget, splitInto } from "./attempt-ends.ts";
import type { AttemptParts, AttemptWork } from "./attempt-parts.ts";
import { promptFor, resumePrompt, told } from "./prompt.ts";
import type { TakenOver } from "./take-over.ts";

/** One gate may run this long, in ms. */
export const gateTimeoutMs = 10 * 60_000;

/**
 * One attempt on its node: worktree, prompt, commit, gates. Its merge is ordered apart, once the engine has recorded
 * that the gates passed.
 *
 *     open or take over worktree → prompt → commit → gates → verified
 *                  └─────────────────┴───────┴───────┴──→ failed | cancelled, with the work kept under its ref
 *                                    └──→ host lost: the worktree is parked for the next attempt
 */
export class AttemptRun {
  readonly id: string;
  readonly #work: AttemptWork;
  readonly #parts: AttemptParts;
  readonly #cancel = new AbortController();
  readonly #prompted = Promise.withResolvers<void>();
  #failure: Failure | null = null;
  /** Whether it goes on in the session of a lost attempt, once that is known. */
  resumption: Resumption | undefined;

  constructor(work: AttemptWork, parts: AttemptParts) {
    this.id = work.brief.id;
    this.#work = work;
    this.#parts = parts;
  }

  /** Gives the attempt up: its agent is aborted, its gates are killed, its work is kept. */
  cancel(): void {
    this.#failure = null;
    this.#cancel.abort();
  }

  /** The same, but for a fault of its own. */
  fail(failure: Failure): void {
    if (this.#cancel.signal.aborted) return;
    this.#failure = failure;
    this.#cancel.abort();
  }

  /** Resolves when the agent is done with the attempt, or was never asked. */
  get prompted(): Promise<void> {
    return this.#prompted.promise;
  }

  /** Never rejects but for our own bugs. Resolves when the worktree is gone. */
  async run(): Promise<void> {
    const end = await this.#carryOut().catch((error) => {
      if (!(error instanceof GodelError)) throw error;
      return failedWith({ reason: "workspace", detail: messageOf(error) });
    });
    this.#prompted.resolve();
    await this.#finish(this.#failure && end === cancelled ? failedWith(this.#failure) : end);
  }

  async #carryOut(): Promise<Report> {
    const { workspaces } = this.#parts;
    const { id, team, key, number } = this.#work.brief;
    // Its order came long ago, and may have failed then: a repository can be out of reach for a while.
    await workspaces.openTeam(this.#work.team);
    const { signal } = this.#cancel;
    const taken = await this.#parts.takeOver(signal);
    // Its team may be closed by now.
    if (signal.aborted) return cancelled;
    if (!taken || !("session" in taken)) {
      this.resumption = taken;
      const workspace = await workspaces.open({ id, team, key, number });
      this.#parts.onWorktree(workspace.dir);
      return (await this.#prompt(workspace)) ?? (await this.#verify(workspace));
    }
    this.resumption = taken.resumption;
    this.#parts.onWorktree(taken.workspace.dir);
    return (await this.#goOn(taken)) ?? (await this.#verify(taken.workspace));
  }

  /** An agent that had finished when it died has nothing more to say: what is left are commit and gates. */
  async #goOn({ workspace, session, file, resumption }: TakenOver): Promise<Report | null> {
    if (session.finished === null) return this.#prompt(workspace, file);
    if (this.#cancel.signal.aborted) return cancelled;
    this.#parts.report({
      type: "attemptStarted",
      attempt: this.id,
      sessionId: session.id,
      transcript: file,
      resumption,
    });
    this.#prompted.resolve();
    return null;
  }

  /** What ended the attempt at its agent, or null when there is work to verify. */
  async #prompt(workspace: Workspace, session?: string): Promise<Report | null> {
    const { models, settleSpending } = this.#parts;
    const { brief } = this.#work;
    try {
      await this.#work.before;
      const url = await this.#modelUrl();
      if (this.#cancel.signal.aborted) return cancelled;
      const { settled, timedOut } = await this.#settle({
        ...this.#workFor(workspace, url, session),
        ...(url && brief.model && { model: await models.resolve(brief.model) }),
      });
      if (this.#cancel.signal.aborted) return cancelled;
      if (models.isEnded(this.id)) return failedWith(outOfBudget(settled));
      if (settled.ok) return null;
      return timedOut ? this.#tooLong() : failedWith(settled.failure);
    } finally {
      this.#prompted.resolve();
      models.revoke(this.id);
      settleSpending();
    }
  }

  /** The agent's own time, which a cancellation or the deadline may cut short. */
  async #settle(work: Work): Promise<{ settled: Settled; timedOut: boolean }> {
    const { agent, brief } = this.#work;
    let timedOut = false;
    const abort = () => void agent.abort();
    // What it waited for a provider is no work of its own.
    let granted = 0;
    const onDeadline = () => {
      const parked = this.#parts.models.parkedMsOf(this.id);
      const more = parked - granted;
      granted = parked;
      if (more >= 1) {
        disarm = this.#parts.clock.after(more, onDeadline);
        return;
      }
      timedOut = true;
      abort();
    };
    let disarm = this.#parts.clock.after(brief.deadlineMs, onDeadline);
    this.#cancel.signal.addEventListener("abort", abort, { once: true });
    const settled = await agent.prompt(work);
    this.#cancel.signal.removeEventListener("abort", abort);
    disarm();
    return { settled, timedOut };
  }

  #tooLong(): Report {
    const detail = `the agent worked for longer than ${this.#work.brief.deadlineMs / 60_000} minutes`;
    return failedWith({ reason: "timeout", detail });
  }

  async #modelUrl(): Promise<string | null> {
    const { brief, team, asksModel } = this.#work;
    if (!asksModel) return null;
    const { id: attempt, task, agent, budget } = brief;
    const money = { attemptLimit: budget.attempt, taskLimit: budget.task, taskSpent: budget.taskSpent };
    const model = brief.model ?? team.model;
    return (await this.#parts.models.grant({ attempt, task, agent, team: team.id, model, ...money })).url;
  }

  #workFor({ dir }: Workspace, modelUrl: string | null, session?: string): Work {
    const { brief, team, asksModel } = this.#work;
    const { logDir } = this.#parts;
    const env = { ...this.#marks(), ...(!asksModel && told(brief)) };
    const at = { attempt: brief.id, cwd: dir, modelUrl, env, transcriptDir: logDir };
    if (session !== undefined) return { ...at, prompt: resumePrompt(brief.resumes?.because ?? ""), session };
    return { ...at, prompt: asksModel ? promptFor(team, brief) : brief.prompt };
  }

  /** By these the node finds what a command leaves behind, whoever started it, and bounds where it writes. */
  #marks() {
    const { homeDir, tempDir } = this.#parts;
    return { GODEL_ATTEMPT: this.id, [workMark]: homeDir, ...(tempDir !== null && { TMPDIR: tempDir }) };
  }

  async #verify(workspace: Workspace): Promise<Report> {
    const { brief } = this.#work;
    const { workspaces, report } = this.#parts;
    report({ type: "attemptVerifying", attempt: brief.id });
    const parts = brief.maySplit ? await workspaces.take(workspace, splitFile) : null;
    if (parts !== null) return splitInto(parts);
    const body = `Godel-Task: ${brief.key}\nGodel-Attempt: ${brief.id}`;
    const { commit, files } = await workspaces.commit(workspace, { subject: brief.title, body });
    if (commit === null && brief.diff === "required") {
      return failedWith({ reason: "no-diff", detail: "the agent said it was done, but changed nothing" });
    }
    const result = await workspaces.runGates(workspace, brief.gates, {
      signal: this.#cancel.signal,
      timeoutMs: gateTimeoutMs,
      env: { ...scrubbedEnv(this.#parts.env), ...this.#marks() },
      logFile: `${this.#parts.logDir}/gates.log`,
    });
    if (this.#cancel.signal.aborted) return cancelled;
    if (result.passed) return { type: "attemptVerified", attempt: brief.id, commit, files };
    const code = result.exitCode === null ? "did not end in time" : `exited with ${result.exitCode}`;
    return failedWith({ reason: "gate", detail: `\`${result.gate}\` ${code}:\n${result.tail}` });
  }

  /** Keeps the work, removes the worktree or parks it, and says how it ended. What passed its gates is said at once: it may merge. */
  async #finish(end: Report): Promise<void> {
    const { report } = this.#parts;
    const attempt = this.id;
    if (end.type === "attemptVerified") report(end);
    // The loss of the agent is reported by its host; that ends the attempt too.
    const died = end.type === "attemptFailed" && end.failure.reason === "host-lost";
    if (died && this.#parts.park) return this.#parts.park();
    const commit = await this.#release();
    if (end.type === "attemptCancelled") report({ type: "attemptCancelled", attempt, commit });
    if (end.type === "attemptSplit" || (end.type === "attemptFailed" && !died)) report({ ...end, attempt, commit });
  }

  /** The commit that holds its work. Where it can't be kept now, the worktree stays until it can. */
  async #release(): Promise<string | null> {
    try {
      return (await this.#parts.workspaces.release(this.id)).commit;
    } catch (error) {
      if (!(error instanceof GodelError)) throw error;
      this.#parts.log(`attempt ${this.id}: its worktree stays for now: ${error.message}`, { attempt: this.id });
      this.#parts.onLeftover();
      return null;
    }
  }
}
