/** A fleet in memory for tests of the engine's decisions: commands in, events applied, invariants checked at each step. */
import { seededRandom } from "../lib/random.ts";
import type { Command } from "../model/commands.ts";
import type { Event } from "../model/events.ts";
import type { Report } from "../model/link.ts";
import { checkPlan, type Plan } from "../model/plan.ts";
import type { Attempt, Task, TeamSpec } from "../model/records.ts";
import { decide } from "./decide.ts";
import { evolve } from "./evolve.ts";
import { checkInvariants } from "./invariants.ts";
import { type EngineOptions, engineDefaults } from "./options.ts";
import { settle } from "./settle.ts";
import { currentAttempt, emptyState, type State, taskOf } from "./state.ts";

export class Fleet {
  readonly state: State = emptyState();
  readonly events: Event[] = [];
  readonly random = seededRandom(1);
  readonly options: EngineOptions;
  at = 1_000;
  /** Numbers hosts of one agent. */
  private hosts = 700;

  constructor(options: Partial<EngineOptions> = {}) {
    this.options = { ...engineDefaults, ...options };
  }

  /** What the command and all that follows from it caused. */
  run(command: Command): Event[] {
    const context = { at: this.at, random: this.random, options: this.options };
    const caused = [...this.#apply(decide(this.state, command, context))];
    settle(this.state, context, (more) => caused.push(...this.#apply(more)));
    checkInvariants(this.state);
    return caused;
  }

  report(report: Report): Event[] {
    return this.run({ type: "acceptReport", node: "n1", report });
  }

  join(agents: string[] = [], attempts: string[] = [], pid = 7): Event[] {
    return this.run({ type: "joinNode", node: "n1", pid, cores: 2, agents, attempts });
  }

  /** A team of `desired` agents on node n1, all up, at work on `tasks` (`{ id: needs }` or plan tasks). */
  team(tasks: Record<string, string[]>, overrides: Partial<TeamSpec> = {}): void {
    if (!this.state.nodes.has("n1")) this.join();
    this.run({ type: "createTeam", team: teamSpec(overrides), plan: planOf(tasks) });
    this.startAll();
  }

  /** All in one host, but for those that are to be alone. */
  startAll(): void {
    this.hosts++;
    for (const agent of [...this.state.agents.values()]) {
      if (agent.state !== "starting") continue;
      const hostPid = agent.alone ? ++this.hosts : 70;
      this.report({ type: "agentReady", agent: agent.id, hostPid, sessionId: `s-${agent.id}` });
    }
  }

  /** The agent works: its host would die by it. */
  start(key: string): void {
    this.report({ type: "attemptStarted", attempt: this.attempt(key).id, sessionId: "s", transcript: null });
  }

  /** A host dies, as its node tells it. */
  killHost(host: number): Event[] {
    const agents = [...this.state.agents.values()].filter(({ hostPid }) => hostPid === host).map(({ id }) => id);
    const attempts = [...this.state.attempts.values()]
      .filter(({ agent }) => agents.includes(agent))
      .map(({ id }) => id);
    const reason = `agent host ${host} was killed by SIGKILL`;
    const death = this.report({ type: "hostLost", host, agents, attempts, reason });
    return [...death, ...agents.flatMap((agent) => this.report({ type: "agentLost", agent, reason }))];
  }

  task(key: string): Task {
    return taskOf(this.state, `t1/${key}`);
  }

  attempt(key: string): Attempt {
    const attempt = currentAttempt(this.state, this.task(key));
    if (!attempt) throw new Error(`${key} is in no attempt`);
    return attempt;
  }

  /** Drives the current attempt of a task through to its merge. */
  finish(key: string): Event[] {
    const attempt = this.attempt(key).id;
    return [
      ...this.report({ type: "attemptStarted", attempt, sessionId: "s", transcript: null }),
      ...this.report({ type: "attemptVerifying", attempt }),
      ...this.report({ type: "attemptVerified", attempt, commit: `c-${key}` }),
      ...this.report({ type: "attemptMerged", attempt, commit: `m-${key}` }),
    ];
  }

  fail(key: string, reason: "gate" | "conflict" | "budget" | "timeout" = "gate"): Event[] {
    const failure = { reason, detail: `${reason} said no` };
    return this.report({ type: "attemptFailed", attempt: this.attempt(key).id, failure, commit: "kept" });
  }

  *#apply(events: readonly Event[]): Iterable<Event> {
    for (const event of events) {
      evolve(this.state, event);
      this.events.push(event);
      yield event;
    }
  }
}

export function teamSpec(overrides: Partial<TeamSpec> = {}): TeamSpec {
  return {
    id: "t1",
    name: "one",
    goal: "test",
    repo: "/repo",
    base: "b0",
    branch: "godel/one",
    model: "demo",
    runtime: "pi",
    skills: [],
    gates: [],
    desired: 2,
    min: overrides.desired ?? 2,
    max: overrides.desired ?? 2,
    budgetUsd: null,
    ...overrides,
  };
}

export function planOf(tasks: Record<string, string[]>): Plan {
  return checkPlan({ tasks: Object.entries(tasks).map(([id, needs]) => ({ id, prompt: `do ${id}`, needs })) });
}
