import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { policyDefaults } from "../federation/policies.ts";
import fc from "../lib/properties.testing.ts";
import type { Event } from "../model/events.ts";
import { checkPlan } from "../model/plan.ts";
import type { TeamSpec } from "../model/records.ts";
import { agentEnded } from "../model/states.ts";
import { Fleet, planOf, teamSpec } from "./fleet.testing.ts";
import { rebuildIndex, teamIndex, teamOf } from "./state.ts";

const team = () => "t1";

function fleetOf(tasks: number, size: Partial<TeamSpec>, scaler: Partial<typeof policyDefaults.scaler> = {}): Fleet {
  const fleet = new Fleet({ policies: { ...policyDefaults, scaler: { ...policyDefaults.scaler, ...scaler } } });
  fleet.join();
  fleet.run({ type: "createTeam", team: teamSpec(size), plan: planOf(chainless(tasks)) });
  return fleet;
}

function chainless(count: number): Record<string, string[]> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, []]));
}

function live(fleet: Fleet): number {
  return teamIndex(fleet.state, "t1").live.size;
}

function of<T extends Event["type"]>(events: readonly Event[], type: T) {
  return events.filter((event) => event.type === type) as Extract<Event, { type: T }>[];
}

test("a team whose size follows its work gets an agent for each task that can run, up to its maximum", () => {
  const fleet = fleetOf(8, { desired: 1, min: 1, max: 5 });
  equal(live(fleet), 5);
  const [scaled] = of(fleet.events, "teamScaled");
  equal(scaled?.scaling?.reason, "queue");
  equal(scaled?.scaling?.limitedBy, "max-agents");
  match(scaled?.scaling?.why ?? "", /^start 5 \(5\): 8 tasks can run/);
});

test("agents that start are supply: the same tasks are not answered with more of them", () => {
  const fleet = fleetOf(4, { desired: 1, min: 1, max: 50 });
  equal(live(fleet), 4);
  for (let i = 0; i < 10; i++) {
    fleet.at += 1_000;
    deepEqual(fleet.run({ type: "wake" }), []);
  }
});

test("an idle agent goes once its idle time is over and not before, and never one that works", () => {
  const fleet = fleetOf(3, { desired: 1, min: 1, max: 9 });
  fleet.startAll();
  fleet.finish("k0");
  fleet.finish("k1");
  fleet.at += 11_999;
  deepEqual(fleet.run({ type: "wake" }), []);
  fleet.at += 1;
  const events = fleet.run({ type: "wake" });
  equal(of(events, "agentDraining").length, 1);
  equal(of(events, "teamScaled")[0]?.scaling?.reason, "idle");
  // One beyond the one at work may be wanted by chance, for as long as the idle time.
  fleet.at += 60_000;
  equal(of(fleet.run({ type: "wake" }), "agentDraining").length, 1);
  equal(fleet.state.agents.get(fleet.attempt("k2").agent)?.state, "busy");
});

test("what waits for other tasks, or for a backoff, asks for no agent", () => {
  const fleet = new Fleet();
  fleet.team({ first: [], second: ["first"], third: ["first"] }, { desired: 1, min: 1, max: 9 });
  equal(live(fleet), 1);
  fleet.fail("first");
  equal(live(fleet), 1);
});

test("a burst is started at once, and what is beyond it at the spawn rate", () => {
  const fleet = fleetOf(40, { desired: 1, min: 1, max: 40 }, { spawnBurst: 10, spawnsPerSecond: 2 });
  equal(live(fleet), 10);
  equal(teamOf(fleet.state, "t1").scaling?.limitedBy, "spawn-rate");
  fleet.at += 1_000;
  fleet.run({ type: "wake" });
  equal(live(fleet), 12);
});

test("the spawn rate outlives a restart of the engine", () => {
  const fleet = fleetOf(40, { desired: 1, min: 1, max: 40 }, { spawnBurst: 10, spawnsPerSecond: 2 });
  rebuildIndex(fleet.state);
  fleet.run({ type: "wake" });
  equal(live(fleet), 10);
});

test("the hourly budget goes before the queue, and says so", () => {
  const fleet = fleetOf(20, { desired: 1, min: 1, max: 20 }, { maxCostPerHour: 1, agentCostUsdPerHour: 0.25 });
  equal(live(fleet), 4);
  match(teamOf(fleet.state, "t1").scaling?.why ?? "", /held back by budget/);
});

test("a team of fixed size keeps it, whatever waits", () => {
  const fleet = fleetOf(20, { desired: 3, min: 3, max: 3 });
  equal(live(fleet), 3);
});

test("a lost agent is replaced only while there is work for it", () => {
  const fleet = fleetOf(2, { desired: 1, min: 1, max: 9 });
  fleet.startAll();
  fleet.finish("k0");
  const idle = [...fleet.state.agents.values()].find(({ state }) => state === "idle");
  const busy = fleet.attempt("k1").agent;
  equal(of(fleet.report({ type: "agentLost", agent: idle?.id ?? "", reason: "died" }), "agentRequested").length, 0);
  equal(of(fleet.report({ type: "agentLost", agent: busy, reason: "died" }), "agentRequested").length, 1);
});

test("scaling to a count fixes the size, and scaling to bounds lets it follow the work again", () => {
  const fleet = fleetOf(20, { desired: 1, min: 1, max: 20 });
  fleet.run({ type: "scaleTeam", team: "t1", desired: 2 });
  const { min, max, desired, scaling } = teamOf(fleet.state, "t1");
  deepEqual({ min, max, desired, scaling }, { min: 2, max: 2, desired: 2, scaling: null });
  fleet.run({ type: "scaleTeam", team: "t1", desired: 2, min: 2, max: 6 });
  stopDraining(fleet);
  equal(teamOf(fleet.state, "t1").desired, 6);
  throws(() => fleet.run({ type: "scaleTeam", team: "t1", desired: 1, min: 5, max: 2 }), { code: "OPTION_RANGE" });
});

test("while a model plans, as many agents are kept warm as were asked for", () => {
  const fleet = new Fleet();
  fleet.join();
  fleet.run({ type: "createTeam", team: teamSpec({ desired: 4, min: 1, max: 9 }), plan: null });
  equal(live(fleet), 4);
});

test("whatever happens: never over the maximum, never faster than the spawn rate, never a busy agent let go, and it settles", () => {
  const step = fc.oneof(
    fc.constantFrom("start", "finish", "fail", "lose", "wake", "pause", "resume", "restart"),
    fc.record({ wait: fc.integer({ min: 1, max: 90_000 }) }),
    fc.record({ max: fc.integer({ min: 1, max: 12 }) }),
  );
  const whole = fc.property(fc.integer({ min: 1, max: 25 }), fc.array(step, { maxLength: 60 }), (tasks, steps) => {
    const limits = { spawnBurst: 6, spawnsPerSecond: 1 };
    const fleet = fleetOf(tasks, { desired: 1, min: 1, max: 8 }, limits);
    const from = fleet.at;
    let wasMax = 8;
    for (const now of steps) {
      const before = fleet.events.length;
      const busy = new Set(
        [...fleet.state.agents.values()].filter(({ attempt }) => attempt !== null).map(({ id }) => id),
      );
      act(fleet, now);
      const { max } = teamOf(fleet.state, team());
      wasMax = Math.max(wasMax, max);
      ok(live(fleet) <= wasMax, `${live(fleet)} agents of at most ${wasMax}`);
      const news = fleet.events.slice(before);
      for (const { agent } of of(news, "agentDraining")) {
        ok(
          !busy.has(agent) || !news.some((event) => event.type === "teamScaled" && event.scaling),
          `${agent} was busy`,
        );
      }
    }
    const allowed = limits.spawnBurst + (limits.spawnsPerSecond * (fleet.at - from)) / 1_000;
    ok(of(fleet.events, "agentRequested").length <= allowed + 1e-6);
    settleDown(fleet);
  });
  fc.assert(whole);
});

function act(fleet: Fleet, step: string | { wait: number } | { max: number }): void {
  const attempts = [...fleet.state.attempts.values()].filter(({ state }) => state === "leased");
  const [attempt] = attempts;
  const key = attempt?.task.split("/")[1] ?? "";
  const ended = teamOf(fleet.state, "t1").endedAt !== null;
  if (typeof step === "object") {
    if ("wait" in step) fleet.at += step.wait;
    else if (!ended) fleet.run({ type: "scaleTeam", team: "t1", desired: 1, min: 0, max: step.max });
    fleet.run({ type: "wake" });
  } else if (step === "start") fleet.startAll();
  else if (step === "finish" && attempt) fleet.finish(key);
  else if (step === "fail" && attempt) fleet.fail(key);
  else if (step === "lose") {
    const agent = [...fleet.state.agents.values()].find(({ state }) => !agentEnded(state) && state !== "draining");
    if (agent) fleet.report({ type: "agentLost", agent: agent.id, reason: "host died" });
  } else if (step === "pause" && !ended) fleet.run({ type: "pauseTeam", team: "t1" });
  else if (step === "resume" && !ended) fleet.run({ type: "resumeTeam", team: "t1" });
  else if (step === "restart") rebuildIndex(fleet.state);
  else fleet.run({ type: "wake" });
}

/** With nothing new, the size comes to rest. */
function settleDown(fleet: Fleet): void {
  for (let i = 0; i < 200; i++) {
    fleet.at += 5_000;
    fleet.run({ type: "wake" });
    stopDraining(fleet);
  }
  const before = of(fleet.events, "teamScaled").length;
  for (let i = 0; i < 50; i++) {
    fleet.at += 5_000;
    fleet.run({ type: "wake" });
  }
  equal(of(fleet.events, "teamScaled").length, before);
}

/** Those on their way out are gone. */
function stopDraining(fleet: Fleet): void {
  for (const { id, state, attempt } of [...fleet.state.agents.values()]) {
    if (state === "draining" && attempt === null)
      fleet.report({ type: "agentStopped", agent: id, reason: "asked", failed: false });
  }
}

test("tasks that claim the same files ask for one agent, since only one of them can be worked on", () => {
  const fleet = new Fleet();
  fleet.join();
  const tasks = Array.from({ length: 5 }, (_, i) => ({ id: `k${i}`, prompt: "do it", files: ["src/**"] }));
  fleet.run({ type: "createTeam", team: teamSpec({ desired: 1, min: 1, max: 9 }), plan: checkPlan({ tasks }) });
  equal(live(fleet), 1);
  fleet.startAll();
  fleet.run({ type: "wake" });
  equal(live(fleet), 1);
});

test("tasks within the threshold wait for the agents there are, and for no longer than the longest wait", () => {
  const scaler = { ...policyDefaults.scaler, scaleUpThreshold: 2, maxQueueWaitMs: 10_000 };
  const fleet = new Fleet({ policies: { ...policyDefaults, scaler } });
  fleet.team({ first: [], a: ["first"], b: ["first"], c: ["first"] }, { desired: 1, min: 1, max: 9 });
  fleet.finish("first");
  fleet.at += 10_000;
  fleet.run({ type: "wake" });
  equal(live(fleet), 1);
  fleet.at += 1;
  fleet.run({ type: "wake" });
  equal(live(fleet), 3);
  equal(teamOf(fleet.state, "t1").scaling?.reason, "latency");
});

test("where agents take long to start, tasks wait as long for those at work, and not longer", () => {
  const fleet = new Fleet();
  fleet.join();
  const needs = { first: [], a: ["first"], b: ["first"] };
  fleet.run({ type: "createTeam", team: teamSpec({ desired: 1, min: 1, max: 9 }), plan: planOf(needs) });
  fleet.at += 5_000;
  fleet.startAll();
  fleet.finish("first");
  fleet.at += 4_999;
  fleet.run({ type: "wake" });
  equal(live(fleet), 1);
  fleet.at += 1;
  fleet.run({ type: "wake" });
  equal(live(fleet), 2);
});
