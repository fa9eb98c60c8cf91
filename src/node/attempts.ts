import { join } from "node:path";
import type { Clock } from "../lib/clock.ts";
import { GodelError, messageOf } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import type { Home } from "../model/home.ts";
import type { AttemptBrief, Report, TeamBrief } from "../model/link.ts";
import type { AgentId, AttemptId, Resumption, TeamId } from "../model/records.ts";
import type { AttemptParts } from "./attempt-parts.ts";
import { AttemptRun } from "./attempt-run.ts";
import type { Fleet } from "./fleet.ts";
import { Leftovers } from "./leftovers.ts";
import { Parked } from "./parked.ts";
import type { Models, NodeWorld, Worktrees } from "./ports.ts";
import type { Quotas } from "./quotas.ts";
import type { Spending } from "./spending.ts";
import { takeOver } from "./take-over.ts";
import { WatchedAttempts } from "./watched.ts";

export interface AttemptsParts {
  fleet: Fleet;
  models: Models;
  workspaces: Worktrees;
  spending: Spending;
  quotas: Quotas;
  clock: Clock;
  home: Home;
  env: NodeJS.ProcessEnv;
  makeDir(path: string): void;
  removeDir(path: string): Promise<void>;
  sessionsOf: NodeWorld["sessionsOf"];
  log: Log;
  report(report: Report): void;
}

interface Running {
  agent: AgentId;
  /** Its agent has not settled yet. */
  prompting: boolean;
  run: AttemptRun;
  end: Promise<void>;
}

/** The attempts that are under way on this node, from their worktree to their gates. */
export class Attempts {
  readonly #parts: AttemptsParts;
  readonly #running = new Map<AttemptId, Running>();
  /** When the newest prompt of each agent has settled: a cancelled one may take a moment, and an agent does one at a time. */
  readonly #prompts = new Map<AgentId, Promise<void>>();

  /** Temporary folders that were ever made. */
  #tempDirs = 0;
  readonly #leftovers: Leftovers;
  readonly #parked: Parked;
  readonly watched: WatchedAttempts;

  constructor(parts: AttemptsParts) {
    this.#parts = parts;
    this.watched = new WatchedAttempts(parts.clock);
    this.#parked = new Parked(parts.clock, (attempt) => this.#letGo([attempt]));
    this.#leftovers = new Leftovers(parts.clock, parts.workspaces, this);
  }

  /** Whether its worktree is still needed here. */
  has(attempt: AttemptId): boolean {
    return this.#running.has(attempt) || this.#parked.has(attempt);
  }

  get ids(): AttemptId[] {
    return [...this.#running.keys()];
  }

  start(team: TeamBrief | undefined, brief: AttemptBrief): void {
    if (this.#running.has(brief.id)) return;
    const { fleet, quotas, report } = this.#parts;
    const agent = fleet.ready(brief.agent);
    const fail = (detail: string) =>
      report({ type: "attemptFailed", attempt: brief.id, failure: { reason: "workspace", detail }, commit: null });
    if (!team) return fail("the node does not know the team");
    if (!agent) return fail(`agent ${brief.agent} is not there`);
    const logDir = this.logDir(brief.id);
    const tempDir = this.#tempDirOf(brief);
    try {
      for (const dir of [logDir, tempDir]) if (dir !== null) this.#parts.makeDir(dir);
    } catch (error) {
      return fail(messageOf(error));
    }
    const before = this.#prompts.get(brief.agent) ?? Promise.resolve();
    const work = { team, brief, agent, asksModel: fleet.asksModel(brief.agent), before };
    const run = new AttemptRun(work, {
      ...this.#parts,
      homeDir: this.#parts.home.dir,
      logDir,
      tempDir,
      onWorktree: (dir) => quotas.writesIn(brief.id, dir),
      onLeftover: () => this.#leftovers.expect(),
      settleSpending: () => this.#parts.spending.settle(brief.id),
      ...this.#resuming(brief),
    });
    // One that never came to its prompt does not speak for the one before it.
    this.#prompts.set(
      brief.agent,
      before.then(() => run.prompted),
    );
    if (brief.quota) quotas.watch(brief.id, brief.quota, (detail) => run.fail({ reason: "quota", detail }));
    if (tempDir !== null) quotas.writesIn(brief.id, tempDir);
    const end = run.run().finally(() => {
      quotas.forget(brief.id);
      if (tempDir !== null) void this.#parts.removeDir(tempDir);
      this.#running.delete(brief.id);
    });
    const running = { agent: brief.agent, prompting: true, run, end };
    run.prompted.then(() => {
      running.prompting = false;
      this.watched.forget(brief.id);
    });
    this.#running.set(brief.id, running);
  }

  /** The agent that works on an attempt, until it has settled. */
  workerOf(attempt: AttemptId): AgentId | null {
    const running = this.#running.get(attempt);
    return running?.prompting ? running.agent : null;
  }

  /** Short, since sockets lie in it: their paths have 107 characters. Null for an attempt whose disk is not bounded. */
  #tempDirOf({ quota }: AttemptBrief): string | null {
    if (quota?.diskBytes === undefined) return null;
    this.#tempDirs += 1;
    return join(this.#parts.home.scratch, `${this.#tempDirs}`);
  }

  /** The attempts that some agents work on. */
  atWork(agents: readonly AgentId[]): AttemptId[] {
    const ours = [...this.#running].filter(([, { agent, prompting }]) => prompting && agents.includes(agent));
    return ours.map(([id]) => id);
  }

  /** How an attempt goes on with what a lost one left, and leaves the same if it is lost. */
  #resuming(brief: AttemptBrief): Pick<AttemptParts, "takeOver" | "park"> {
    const { fleet, workspaces, sessionsOf } = this.#parts;
    const readSession = sessionsOf(fleet.runtimeOf(brief.agent) ?? "");
    // They wait until then: this attempt may fail before, and nobody would let go of them.
    const letGoOthers = () => this.#letGo(this.#parked.takeAll(brief.task));
    if (!readSession) return { takeOver: async () => letGoOthers() };
    const logDirOf = (attempt: AttemptId) => this.logDir(attempt);
    const over = async (attempt: AttemptId) => this.#running.get(attempt)?.end;
    return {
      takeOver: async (signal) => {
        const taken = await takeOver(brief, { workspaces, readSession, logDirOf, over, signal });
        const from = taken && "workspace" in taken ? taken.resumption.from : "";
        this.#parked.take(from);
        letGoOthers();
        return taken;
      },
      park: () => this.#parked.add(brief.id),
    };
  }

  /** What an earlier node left waits for the attempts that may go on in it. */
  async parkAll(): Promise<void> {
    for (const attempt of await this.#parts.workspaces.list()) this.#parked.add(attempt);
  }

  /** Lets go of what waits for tasks of a team that has ended. */
  closeTeam(team: TeamId): void {
    this.#letGo(this.#parked.takeAll(team));
  }

  #letGo(attempts: readonly AttemptId[]): undefined {
    for (const attempt of attempts) {
      this.#parts.workspaces.release(attempt).catch((error) => {
        if (!(error instanceof GodelError)) throw error;
        this.#leftovers.expect();
      });
    }
  }

  /** Whether a running attempt goes on in the session of a lost one. */
  resumptionOf(attempt: AttemptId): Resumption | undefined {
    return this.#running.get(attempt)?.run.resumption;
  }

  /** Worktrees are left that no attempt owns: they are let go as soon as their work can be kept. */
  expectLeftovers(): void {
    this.#leftovers.expect();
  }

  cancel(id: AttemptId): void {
    this.#running.get(id)?.run.cancel();
  }

  /** Gives all up, and resolves when their work is kept and their worktrees are gone, but for those that cannot be. */
  async cancelAll(): Promise<void> {
    const running = [...this.#running.values()];
    for (const { run } of running) run.cancel();
    await Promise.all(running.map(({ end }) => end));
    this.#leftovers.stop();
    this.#parked.clear();
  }

  /** Where an attempt's transcript and gate output are. */
  logDir(id: AttemptId): string {
    return join(this.#parts.home.attempts, ...id.split("/"));
  }
}
