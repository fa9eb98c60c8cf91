import { deepEqual, equal, match } from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { ManualClock } from "../lib/manual-clock.testing.ts";
import type { Command } from "../model/commands.ts";
import type { Event } from "../model/events.ts";
import type { FromNode, Report } from "../model/link.ts";
import type { AgentSign, Sign } from "../model/signs.ts";
import { Fleet } from "./fleet.testing.ts";
import { HealthWatch } from "./health-watch.ts";

type Heartbeat = Extract<FromNode, { type: "heartbeat" }>;

const resources = { memory: null, disk: null, descriptors: null, processes: null } as unknown as Heartbeat["resources"];

/** A fleet, its node, and the watch over it, all on one clock that a test moves. */
class Ward {
  readonly fleet = new Fleet();
  readonly clock = new ManualClock();
  readonly watch: HealthWatch;
  readonly #listeners = new Set<(events: readonly Event[], seq: bigint) => void>();
  /** Hosts that give no sign of life any more. */
  readonly silent = new Set<number>();
  signs: AgentSign[] = [];
  /** Attempts that wait for their provider. */
  parked: string[] = [];
  lagMs = 0;

  constructor(context: TestContext, tasks: Record<string, string[]>, desired: number) {
    const { state, options } = this.fleet;
    this.watch = new HealthWatch({
      clock: this.clock,
      engine: {
        state,
        options,
        submit: async (command: Command) => this.run(command),
        subscribe: (listener) => {
          this.#listeners.add(listener);
          return () => this.#listeners.delete(listener);
        },
      },
    });
    context.after(() => this.watch.close());
    this.run({ type: "joinNode", node: "n1", pid: 7, cores: 2, agents: [], attempts: [] });
    const before = this.fleet.events.length;
    this.fleet.team(tasks, { desired });
    for (const key of Object.keys(tasks)) if (this.fleet.task(key).state === "running") this.fleet.start(key);
    this.#tell(this.fleet.events.slice(before));
  }

  run(command: Command): Event[] {
    this.fleet.at = 1_000 + this.clock.monotonic();
    const events = this.fleet.run(command);
    this.#tell(events);
    return events;
  }

  reports(report: Report): void {
    this.run({ type: "acceptReport", node: "n1", report });
  }

  /** Lets `ms` pass, with a heartbeat each second; `eachSecond` says what the agents do. */
  pass(ms: number, eachSecond: () => void = () => {}): void {
    for (const end = this.clock.monotonic() + ms; this.clock.monotonic() < end; ) {
      this.clock.pass(1_000);
      eachSecond();
      this.#beat();
    }
  }

  sign(key: string, sign: Sign): void {
    const attempt = this.fleet.attempt(key);
    this.signs.push({ agent: attempt.agent, attempt: attempt.id, agoMs: 10, sign });
  }

  agentOf(key: string) {
    return this.fleet.state.agents.get(this.fleet.attempt(key).agent);
  }

  named(type: Event["type"]): Event[] {
    return this.fleet.events.filter((event) => event.type === type);
  }

  #beat(): void {
    const pids = new Set([...this.fleet.state.agents.values()].map(({ hostPid }) => hostPid ?? 0));
    const hostBeats = [...pids].filter((pid) => !this.silent.has(pid)).map((pid) => ({ pid, agoMs: 5 }));
    const { signs, lagMs } = this;
    this.signs = [];
    const frame = { type: "heartbeat" as const, lagMs, activities: [], signs, hosts: pids.size, hostBeats };
    const parked = this.parked.map((attempt) => ({ team: "t1", attempt, why: "acme said 429", until: null }));
    this.watch.hear("n1", { ...frame, parked, reserved: [], rssBytes: 1, resources });
  }

  #tell(events: readonly Event[]): void {
    for (const listener of this.#listeners) listener(events, 0n);
  }
}

test("an agent without a sign of progress is suspect after two minutes, and set aside after five", (context) => {
  const ward = new Ward(context, { a: [], b: [] }, 2);
  const busy = () => ward.sign("b", { what: "output" });
  ward.pass(119_000, busy);
  deepEqual(ward.named("agentSuspected"), []);

  ward.pass(3_000, busy);
  equal(ward.agentOf("a")?.state, "suspect");
  match(ward.agentOf("a")?.suspicion?.detail ?? "", /no token and no tool event for 12\d{4} ms/);

  const { agent } = ward.fleet.attempt("a");
  ward.pass(180_000, busy);
  equal(ward.fleet.state.agents.get(agent)?.state, "ejected");
  equal(ward.fleet.state.attempts.get("t1/a/1")?.failure?.reason, "stalled");
  match(ward.fleet.task("a").feedback, /stalled: the agent made no progress/);
  equal(ward.agentOf("b")?.state, "busy");
});

test("a sign of progress makes a suspect trusted again", (context) => {
  const ward = new Ward(context, { a: [] }, 1);
  ward.pass(125_000);
  equal(ward.agentOf("a")?.state, "suspect");
  ward.sign("a", { what: "tool-started" });
  ward.pass(1_000);
  equal(ward.agentOf("a")?.state, "busy");
  equal(ward.agentOf("a")?.suspicion, null);
});

test("an agent that works on its next task is watched at that, while the last one is still in its gates", (context) => {
  const ward = new Ward(context, { a: [], b: [] }, 1);
  const { id: first, agent } = ward.fleet.attempt("a");
  ward.reports({ type: "attemptVerifying", attempt: first });
  ward.reports({ type: "attemptStarted", attempt: ward.fleet.attempt("b").id, sessionId: "s", transcript: null });
  ward.reports({ type: "attemptVerified", attempt: first, commit: "c" });
  ward.reports({ type: "attemptMerged", attempt: first, commit: "m" });
  equal(ward.fleet.attempt("b").agent, agent);
  ward.pass(122_000);
  equal(ward.agentOf("b")?.state, "suspect");
});

test("a tool that runs has its own limit", (context) => {
  const ward = new Ward(context, { a: [] }, 1);
  ward.sign("a", { what: "tool-started" });
  ward.pass(895_000);
  equal(ward.agentOf("a")?.state, "busy");
  ward.pass(10_000);
  match(ward.agentOf("a")?.suspicion?.detail ?? "", /one tool call has run/);
});

test("one that a person holds is never called stalled, and has its whole time again once it goes on", (context) => {
  const ward = new Ward(context, { a: [] }, 1);
  const { agent } = ward.fleet.attempt("a");
  ward.run({ type: "pauseAgent", agent });
  ward.pass(3_600_000);
  equal(ward.agentOf("a")?.state, "paused");
  ward.run({ type: "resumeAgent", agent });
  ward.pass(119_000);
  deepEqual([...ward.named("agentSuspected"), ...ward.named("agentEjected")], []);
  ward.pass(3_000);
  equal(ward.agentOf("a")?.state, "suspect");
});

test("one that waits an hour for its provider is neither stalled nor late, and has its whole time again after it", (context) => {
  const ward = new Ward(context, { a: [] }, 1);
  ward.parked = ["t1/a/1", "t1/z/1"];
  ward.pass(3_600_000);
  equal(ward.agentOf("a")?.state, "busy");
  ward.parked = [];
  ward.pass(119_000);
  deepEqual([...ward.named("agentSuspected"), ...ward.named("agentEjected")], []);
  ward.pass(3_000);
  equal(ward.agentOf("a")?.state, "suspect");
});

test("a host that falls silent is condemned once, within five seconds, for all of its agents", (context) => {
  const ward = new Ward(context, { a: [], b: [] }, 2);
  ward.pass(30_000);
  ward.silent.add(70);
  ward.pass(5_000);
  equal(ward.named("hostCondemned").length, 1);
  equal(ward.agentOf("a")?.state, "suspect");
  // Its node has not ended it yet: nobody is given its work.
  equal(ward.fleet.attempt("a").id, "t1/a/1");
});

test("nobody is accused by a node that says that it stood still itself", (context) => {
  const ward = new Ward(context, { a: [] }, 1);
  ward.pass(30_000);
  ward.clock.pass(8_000);
  ward.lagMs = 7_000;
  ward.pass(1_000);
  ward.lagMs = 0;
  ward.pass(10_000);
  deepEqual([...ward.named("agentSuspected"), ...ward.named("hostCondemned")], []);
});

test("four equal calls with equal outcomes are a loop: the attempt ends, and the next is told why", (context) => {
  const ward = new Ward(context, { a: [] }, 1);
  const call: Sign = { what: "tool-ended", action: "ls", outcome: "x", failed: false };
  for (let i = 0; i < 3; i++) ward.sign("a", call);
  ward.pass(1_000);
  equal(ward.fleet.attempt("a").state, "running");
  ward.sign("a", call);
  ward.pass(1_000);
  equal(ward.fleet.state.attempts.get("t1/a/1")?.failure?.reason, "loop");
  match(ward.fleet.task("a").feedback, /try another way/);
});

test("a sign of an attempt that has ended says nothing of the next one", (context) => {
  const ward = new Ward(context, { a: [] }, 1);
  const { agent } = ward.fleet.attempt("a");
  const late: AgentSign = { agent, attempt: "t1/z/1", agoMs: 0, sign: { what: "output" } };
  ward.pass(125_000, () => ward.signs.push(late));
  equal(ward.agentOf("a")?.state, "suspect");
});
