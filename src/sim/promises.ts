import { engineDefaults } from "../engine/options.ts";
import type { Millis } from "../lib/clock.ts";
import type { Event } from "../model/events.ts";
import { splitFile } from "../model/plan.ts";
import type { AgentId, AttemptId, NodeId, Task, TaskId, TeamId } from "../model/records.ts";
import { attemptEnded, taskEnded } from "../model/states.ts";
import { promised } from "./broken-promise.ts";
import type { Commit, GitWorld } from "./git-world.ts";
import type { NodeProcess } from "./node-process.ts";
import { Outages } from "./outages.ts";
import type { Provider } from "./provider.ts";
import type { Scenario } from "./scenario.ts";
import type { Witness } from "./witness.ts";

export interface Evidence {
  witness: Witness;
  git: GitWorld;
  provider: Provider;
  scenario: Scenario;
  machines: ReadonlyMap<NodeId, { node: NodeProcess | null }>;
}

const once = "a task has one accepted result and one commit";
const early = "no task starts before its needs are done";
const sound = "no host is ended while it answers";
const kept = "work that was not merged is kept";
const budget = "no team, no task and no fleet spends more than it was given";
const pressure = "a node that is short of something takes no new work";
const backoff = "a node that keeps dying is started ever more seldom";
const isolation = "a task that kills its hosts is soon alone with it, and then given up";
const money = "what was recorded is what was charged";

/** After these a task's host deaths are counted from the start. */
const startsAnew: ReadonlySet<Event["type"]> = new Set(["taskFailed", "taskCancelled", "taskCleared"]);

/** The promises of the design, as far as this version can see them kept or broken. */
export class Promises {
  readonly #evidence: Evidence;
  readonly #outages = new Outages();
  #version = 0;
  /** What each branch has, by the key of the task. */
  readonly #merged = new Map<TeamId, Map<string, Commit>>();
  /** Hosts that a task has killed since it was cleared or given up. */
  readonly #killed = new Map<TaskId, number>();
  /** Attempts whose host is dead, and is not known to be. */
  readonly #killers = new Set<AttemptId>();
  readonly #deaths = new Map<NodeId, Millis[]>();
  #nodeDeaths = 0;

  constructor(evidence: Evidence) {
    this.#evidence = evidence;
    evidence.provider.onOutage = (...outage) => this.#outages.failed(...outage);
  }

  /** After every step of the world. */
  check(): void {
    this.#outages.check();
    if (this.#evidence.provider.broken) throw this.#evidence.provider.broken;
    const { git } = this.#evidence;
    if (git.version === this.#version) return;
    this.#version = git.version;
    for (const [team, commits] of git.branches) {
      const seen = this.#merged.get(team) ?? new Map<string, Commit>();
      this.#merged.set(team, seen);
      for (const commit of commits.slice(seen.size)) {
        promised(!seen.has(commit.key), once, () => `the branch of ${team} has ${commit.key} twice`);
        seen.set(commit.key, commit);
        this.#mayMerge(commit.attempt);
      }
    }
  }

  /** What the engine has just made durable. */
  heard(events: readonly Event[]): void {
    const { witness } = this.#evidence;
    this.check();
    this.#outages.heard(events);
    for (const event of events) {
      if (event.type === "attemptLeased") {
        const { kinds } = witness.state.nodes.get(witness.state.agents.get(event.agent)?.node ?? "")?.pressure ?? {};
        promised(kinds === undefined, pressure, () => `${event.attempt} on a node short of ${kinds}`);
      }
      if (startsAnew.has(event.type) && "task" in event) this.#killed.delete(event.task);
      if (event.type === "taskDone") {
        const task = witness.state.tasks.get(event.task);
        const commit = this.#mergedAs(task);
        const nothing = commit === undefined && task?.diff === "optional";
        promised(nothing || commit?.id === event.commit, once, () => `${event.task}: ${event.commit} is not there`);
      }
      if (event.type === "hostCondemned") {
        const answers = this.#evidence.machines.get(event.node)?.node?.pool?.answers(event.host) ?? false;
        promised(!answers, sound, () => `${event.host}: ${event.evidence.detail}`);
      }
      // Taken from its agent before anybody heard of what it did to its host: that counts for nothing.
      if (event.type === "attemptEnded" && this.#killers.delete(event.attempt) && event.state === "cancelled") {
        const { task = "" } = witness.state.attempts.get(event.attempt) ?? {};
        this.#killed.set(task, (this.#killed.get(task) ?? 1) - 1);
      }
      if (event.type === "attemptEnded" && event.state !== "accepted") {
        const task = witness.state.tasks.get(witness.state.attempts.get(event.attempt)?.task ?? "");
        promised(
          this.#mergedAs(task)?.attempt !== event.attempt,
          once,
          () => `${event.attempt} was merged, and is ${event.state}`,
        );
      }
    }
  }

  /** An agent is about to work. */
  prompted(agent: AgentId, id: AttemptId): void {
    const { witness } = this.#evidence;
    this.check();
    const attempt = witness.state.attempts.get(id);
    promised(attempt?.agent === agent, "no agent works on what it was not given", () => `${agent} works on ${id}`);
    const task = witness.state.tasks.get(attempt?.task ?? "");
    for (const need of task?.needs ?? []) {
      const needed = witness.state.tasks.get(need);
      const { state, diff } = needed ?? {};
      promised(state === "done", early, () => `${id} starts while ${need} is ${state}`);
      promised(
        this.#mergedAs(needed) !== undefined || diff === "optional",
        early,
        () => `${id} starts without the work of ${need}`,
      );
    }
  }

  /** An attempt kills its host, which holds `agents`. Two may be chance, and three more when it was alone are not. */
  killsHost(attempt: AttemptId, agents: number): void {
    const { state, task } = this.#evidence.witness.state.attempts.get(attempt) ?? { task: "" };
    // One that was given up already is no matter of the engine any more.
    if (state !== "leased" && state !== "running") return;
    const before = this.#killed.get(task) ?? 0;
    this.#killed.set(task, before + 1);
    this.#killers.add(attempt);
    // A node that dies just then takes the knowledge of it along.
    const known = before - this.#nodeDeaths;
    const seen = () => `${attempt} kills host ${before + 1}, with ${agents} agents in it`;
    const { maxHostDeaths, maxDeathsAlone } = engineDefaults;
    const most = maxHostDeaths + maxDeathsAlone;
    promised(known < most && (known < maxHostDeaths || agents === 1), isolation, seen);
  }

  /** However often it is killed: who waits longer each time does not get to more than this in a minute. */
  nodeDied(node: NodeId, now: Millis): void {
    this.#nodeDeaths++;
    const lately = [...(this.#deaths.get(node) ?? []), now].filter((at) => at > now - 60_000);
    this.#deaths.set(node, lately);
    promised(lately.length <= 14, backoff, () => `node ${node} died ${lately.length} times in a minute`);
  }

  /** What is still open, or null when the world has come to rest. Constant while a team is active. */
  unfinished(): string | null {
    const { tasks, attempts, index } = this.#evidence.witness.state;
    for (const id of index.active) return `team ${id} is not over`;
    for (const { id, state } of tasks.values()) if (!taskEnded(state)) return `task ${id} is ${state}`;
    for (const { id, state } of attempts.values()) if (!attemptEnded(state)) return `attempt ${id} is ${state}`;
    for (const id of this.#evidence.git.trees.keys()) return `the worktree of ${id} is left`;
    return null;
  }

  /** Once the world has come to rest. */
  final(): void {
    const { git, witness, provider, scenario } = this.#evidence;
    for (const [attempt, changes] of git.written) {
      const commit = git.refs.get(attempt);
      // The parts of a split are handed in, not kept: they are in the journal.
      const work = [...changes].filter(([path]) => path !== splitFile);
      const missing = work.find(([path, text]) => commit?.changes.get(path) !== text);
      promised(!missing, kept, () => `${attempt}: ${missing?.[0]} is nowhere`);
    }
    for (const team of witness.state.teams.values()) this.#checkMoney(team.id, team.usage.costUsd);
    const { totalUsd } = scenario.engine.policies.budget;
    const usd = [...provider.charged.values()].reduce((sum, charged) => sum + charged, 0);
    promised(usd <= totalUsd + 1e-9, budget, () => `all teams: $${usd} of $${totalUsd}`);
  }

  #checkMoney(team: string, recordedUsd: number): void {
    const { provider, witness } = this.#evidence;
    let sumUsd = 0;
    const spent = new Map<string, number>();
    const past = witness.archives.recordsOf(team)?.attempts;
    for (const { id, usage, team: of, task } of past ?? witness.state.attempts.values()) {
      if (of !== team) continue;
      sumUsd += usage.costUsd;
      const charged = provider.charged.get(id) ?? 0;
      for (const scope of [team, task]) spent.set(scope, (spent.get(scope) ?? 0) + charged);
      const seen = () => `${id}: $${usage.costUsd} recorded, $${charged} charged`;
      promised(usage.costUsd > charged - 1e-9, money, seen);
      // What was under way when a gateway died is recorded at its worst case.
      promised(provider.interrupted.has(id) || usage.costUsd < charged + 1e-9, money, seen);
    }
    const { teams, tasks } = witness.state;
    for (const { id, budgetUsd } of [...teams.values(), ...tasks.values(), ...witness.archives.tasks]) {
      const usd = spent.get(id) ?? 0;
      promised(usd <= (budgetUsd ?? Number.POSITIVE_INFINITY) + 1e-9, budget, () => `${id}: $${usd} of $${budgetUsd}`);
    }
    promised(Math.abs(sumUsd - recordedUsd) < 1e-6, money, () => `${team}: $${recordedUsd}, its attempts $${sumUsd}`);
  }

  #mergedAs(task: Task | undefined): Commit | undefined {
    return task && this.#merged.get(task.team)?.get(task.key);
  }

  #mayMerge(id: AttemptId): void {
    const state = this.#evidence.witness.state.attempts.get(id)?.state;
    promised(state === "merging", "only what the engine let merge is merged", () => `${id} is ${state}`);
  }
}
