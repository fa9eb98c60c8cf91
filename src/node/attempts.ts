import { join } from "node:path";
import type { Clock } from "../lib/clock.ts";
import { messageOf } from "../lib/errors.ts";
import type { AttemptBrief, Report, TeamBrief } from "../model/link.ts";
import type { AgentId, AttemptId } from "../model/records.ts";
import { AttemptRun } from "./attempt-run.ts";
import type { Fleet } from "./fleet.ts";
import { Leftovers } from "./leftovers.ts";
import type { Models, Worktrees } from "./ports.ts";
import type { Spending } from "./spending.ts";

export interface AttemptsParts {
  fleet: Fleet;
  models: Models;
  workspaces: Worktrees;
  spending: Spending;
  clock: Clock;
  /** Folder that holds a folder for each attempt. */
  logsDir: string;
  homeDir: string;
  env: NodeJS.ProcessEnv;
  makeDir(path: string): void;
  log(line: string): void;
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

  readonly #leftovers: Leftovers;

  constructor(parts: AttemptsParts) {
    this.#parts = parts;
    this.#leftovers = new Leftovers(parts.clock, parts.workspaces, this.#running);
  }

  get ids(): AttemptId[] {
    return [...this.#running.keys()];
  }

  start(team: TeamBrief | undefined, brief: AttemptBrief): void {
    if (this.#running.has(brief.id)) return;
    const { fleet, report } = this.#parts;
    const agent = fleet.ready(brief.agent);
    const fail = (detail: string) =>
      report({ type: "attemptFailed", attempt: brief.id, failure: { reason: "workspace", detail }, commit: null });
    if (!team) return fail("the node does not know the team");
    if (!agent) return fail(`agent ${brief.agent} is not there`);
    const logDir = this.logDir(brief.id);
    try {
      this.#parts.makeDir(logDir);
    } catch (error) {
      return fail(messageOf(error));
    }
    const settleSpending = () => this.#parts.spending.settle(brief.id);
    const onLeftover = () => this.#leftovers.expect();
    const before = this.#prompts.get(brief.agent) ?? Promise.resolve();
    const work = { team, brief, agent, asksModel: fleet.asksModel(brief.agent), before };
    const run = new AttemptRun(work, { ...this.#parts, logDir, onLeftover, settleSpending });
    this.#prompts.set(brief.agent, run.prompted);
    const end = run.run().finally(() => {
      this.#running.delete(brief.id);
    });
    const running = { agent: brief.agent, prompting: true, run, end };
    run.prompted.then(() => {
      running.prompting = false;
    });
    this.#running.set(brief.id, running);
  }

  /** The attempts that some agents work on. */
  atWork(agents: readonly AgentId[]): AttemptId[] {
    const ours = [...this.#running].filter(([, { agent, prompting }]) => prompting && agents.includes(agent));
    return ours.map(([id]) => id);
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
  }

  /** Where an attempt's transcript and gate output are. */
  logDir(id: AttemptId): string {
    return join(this.#parts.logsDir, ...id.split("/"));
  }
}
