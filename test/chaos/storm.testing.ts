/** Teams at work, one after the other, while everything that works for them is struck at random. */

import type { TeamStatus } from "../../src/api/wire.ts";
import { sleep, systemClock } from "../../src/lib/clock.ts";
import { codeOf } from "../../src/lib/errors.ts";
import { teamEnded } from "../../src/model/states.ts";
import { Arena, type ArenaOptions } from "./arena.testing.ts";
import { Faults } from "./faults.testing.ts";
import { slowModel } from "./provider.testing.ts";
import { type FaultKind, type ScheduleOptions, scheduleOf } from "./schedule.testing.ts";
import { broken } from "./witness.testing.ts";
import { modulePlan } from "./workload.testing.ts";

export interface StormOptions extends ArenaOptions, ScheduleOptions {
  seed: number;
  /** Default: every kind. */
  kinds?: readonly FaultKind[];
  agents: number;
  /** Of each team. */
  budgetUsd: number;
  /** Leave the files of a run that broke a promise. */
  keep?: boolean;
  say(line: string): void;
}

export interface Outcome {
  /** Broken promises, each a sentence. */
  broken: string[];
  figures: Record<string, number>;
}

/** A team that does nothing for this long, with its engine well, is stuck. */
const stuckMs = 5 * 60_000;
const lookMs = 250;

export async function storm(options: StormOptions): Promise<Outcome> {
  const arena = await Arena.open(options);
  let keep = options.keep ?? false;
  try {
    const faults = new Faults(arena, options.say);
    const run = new Storm(arena, options);
    await arena.start();
    const start = systemClock.monotonic();
    const { seed, kinds } = options;
    const schedule = scheduleOf(seed, options).filter(({ kind }) => kinds === undefined || kinds.includes(kind));
    const struck = faults.carryOut(schedule).then(() => faults.calm());
    const teams = await run.waves(() => systemClock.monotonic() - start < options.durationMs);
    await struck;
    await run.calm(teams);
    await arena.down();
    faults.clear();
    const found = await broken({ stage: arena.stage, teams });
    const all = [...run.broken, ...found, ...arena.surprises, ...arena.nodeBugs()];
    keep &&= all.length > 0;
    return {
      broken: all,
      figures: {
        ...run.figures,
        ...hitsOf(faults.hits),
        engines: arena.starts.length,
        ...moneyOf(arena, teams, options),
      },
    };
  } finally {
    await arena.close(keep);
    if (keep) options.say(`its files are in ${arena.stage.dir}`);
  }
}

/** Hands in teams, waits for them, and looks at what they say meanwhile. */
export class Storm {
  readonly broken: string[] = [];
  readonly figures: Record<string, number> = { teams: 0, tasks: 0, attempts: 0, spentUsd: 0 };
  readonly #arena: Arena;
  readonly #options: StormOptions;
  /** The newest team that was handed in. */
  #newest = "";

  constructor(arena: Arena, options: StormOptions) {
    this.#arena = arena;
    this.#options = options;
  }

  /** One team after the other, as long as `goesOn`; the names of those that were acknowledged. */
  async waves(goesOn: () => boolean): Promise<string[]> {
    const { agents, modules, budgetUsd, say } = this.#options;
    const teams: string[] = [];
    while (goesOn()) {
      const name = `wave-${teams.length + 1}`;
      const plan = modulePlan(modules);
      this.#newest = name;
      await this.#arena.spawn({ name, plan, count: agents, model: slowModel, budgetUsd });
      teams.push(name);
      say(`${name}: acknowledged, ${modules} tasks`);
      const status = await this.#ended(name);
      const { team, tasks, cost, timing } = status;
      const failed = tasks.failed === 0 ? "0 failed" : `${tasks.failed} failed (${await this.#causes(name)})`;
      say(`${name}: ${team.state}, ${tasks.done} done, ${failed}, ${cost.spentUsd} USD, ${timing.elapsedMs} ms`);
      if (!teamEnded(status.team.state)) break;
    }
    return teams;
  }

  /** How many tasks of the newest team are in each state; null before it is known. */
  async newestTasks(): Promise<TeamStatus["tasks"] | null> {
    const { stage } = this.#arena;
    const status = await this.#arena.answered(() => stage.status(this.#newest).catch(missing));
    return status?.tasks ?? null;
  }

  /** Resolves once the engine knows the team. */
  async acknowledged(name: string): Promise<void> {
    const { stage } = this.#arena;
    while (!(await this.#arena.answered(() => stage.status(name).catch(missing)))) await sleep(systemClock, lookMs);
  }

  /** The fleet has nothing more to do: what it started is gone by itself, and what it says agrees with what is. */
  async calm(teams: readonly string[]): Promise<void> {
    const { stage } = this.#arena;
    for (const name of teams) {
      const idle = await this.until(name, ({ agents, cost }) => agents.total === 0 && cost.reservedUsd === 0);
      const { cost, tasks } = idle;
      this.figures.teams = (this.figures.teams ?? 0) + 1;
      this.figures.tasks = (this.figures.tasks ?? 0) + tasks.done;
      this.figures.spentUsd = (this.figures.spentUsd ?? 0) + cost.spentUsd;
      const all = await this.#arena.answered(() => stage.tasks(name));
      this.figures.attempts = (this.figures.attempts ?? 0) + all.reduce((sum, { attempts }) => sum + attempts, 0);
    }
    const atWork = [...this.#arena.prey("command"), ...this.#arena.prey("git")];
    for (const { pid, role } of atWork) this.broken.push(`a ${role}, process ${pid}, outlived its attempt`);
  }

  #ended(name: string): Promise<TeamStatus> {
    return this.until(name, ({ team }) => teamEnded(team.state));
  }

  /** Looks until `holds`; gives up on a team that is stuck, and says so. */
  async until(name: string, holds: (status: TeamStatus) => boolean): Promise<TeamStatus> {
    let [signs, since] = ["", systemClock.monotonic()];
    for (;;) {
      const status = await this.#arena.answered(() => this.#arena.stage.status(name));
      this.#checkMoney(status);
      if (holds(status)) return status;
      const now = `${status.tasks.done} ${status.agents.total} ${status.cost.spentUsd}`;
      if (now !== signs) [signs, since] = [now, systemClock.monotonic()];
      if (systemClock.monotonic() - since > stuckMs) {
        this.broken.push(`${name} is stuck: ${JSON.stringify(status)} ${await this.#reasons(name)}`);
        return status;
      }
      await sleep(systemClock, lookMs);
    }
  }

  #checkMoney({ team, cost }: TeamStatus): void {
    const { spentUsd, reservedUsd, budgetUsd } = cost;
    if (budgetUsd === null || spentUsd + reservedUsd <= budgetUsd + 1e-9) return;
    this.broken.push(`${team.name}: ${spentUsd} spent and ${reservedUsd} reserved of ${budgetUsd} USD`);
  }

  /** Why tasks failed, with how many of each. */
  async #causes(name: string): Promise<string> {
    const tasks = await this.#arena.answered(() => this.#arena.stage.tasks(name));
    const counts = new Map<string, number>();
    for (const { state, reason } of tasks) {
      if (state === "failed") counts.set(reason ?? "?", (counts.get(reason ?? "?") ?? 0) + 1);
    }
    return [...counts].map(([reason, count]) => `${reason} ${count}`).join(", ");
  }

  async #reasons(name: string): Promise<string> {
    const { stage } = this.#arena;
    const open = (await stage.tasks(name)).filter(({ state }) => state !== "done").slice(0, 5);
    const whys = open.map(({ id }) => stage.get(`/api/v1/tasks/${id}/why`).catch((error) => codeOf(error)));
    return JSON.stringify(await Promise.all(whys));
  }
}

function missing(error: unknown): null {
  if (codeOf(error) === "TEAM_NOT_FOUND") return null;
  throw error;
}

function hitsOf(hits: ReadonlyMap<FaultKind, number>): Record<string, number> {
  return Object.fromEntries([...hits].sort());
}

/** What the provider charged for is what counts; what godel has booked may be more, never less. */
function moneyOf({ provider }: Arena, teams: readonly string[], { budgetUsd }: StormOptions): Record<string, number> {
  return { requests: provider.requests, billedUsd: provider.billedUsd, budgetUsd: teams.length * budgetUsd };
}
