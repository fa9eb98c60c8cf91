import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import fc from "../lib/properties.testing.ts";
import { seededRandom } from "../lib/random.ts";
import type { HealthReport } from "./health/evidence.ts";
import type { HealthOptions } from "./health/options.ts";
import { HealthMonitor } from "./health-monitor.ts";

/** A monitor, and all that it said, as `type agent signal`. */
function recorded(options: Partial<HealthOptions> = {}) {
  const monitor = new HealthMonitor(options);
  const said: string[] = [];
  for (const type of ["suspect", "unhealthy", "recovered", "anomaly"] as const satisfies HealthReport["type"][]) {
    monitor.on(type, (agent, { signal }, at) => said.push(`${at} ${type} ${agent} ${signal}`));
  }
  return { monitor, said };
}

/** Sweeps each 100 ms over (from, to]; before each, `each` may tell the monitor something. */
function pass(monitor: HealthMonitor, [from, to]: [number, number], each: (at: number) => void = () => {}): void {
  for (let at = from + 100; at <= to; at += 100) {
    each(at);
    monitor.sweep(at);
  }
}

function beating(monitor: HealthMonitor, ...agents: string[]) {
  return (at: number) => {
    if (at % 1_000 === 0) for (const agent of agents) monitor.heartbeat(agent, at);
  };
}

test("calls the listener of the plan with the agent, and no more once it is taken off", () => {
  const monitor = new HealthMonitor();
  const lost: string[] = [];
  const off = monitor.on("unhealthy", (agentId) => void lost.push(agentId));
  monitor.watch({ agent: "a1" }, 0);
  monitor.exited("a1", { expected: false, detail: "killed by SIGKILL" }, 10);
  off();
  monitor.watch({ agent: "a2" }, 0);
  monitor.exited("a2", { expected: false, detail: "killed by SIGKILL" }, 20);
  deepEqual(lost, ["a1"]);
});

test("refuses an option that it does not know, and a first level of phi over the second", () => {
  throws(() => new HealthMonitor({ heartbeatsMs: 1 } as object), { code: "OPTION_UNKNOWN", message: /heartbeatMs/ });
  throws(() => new HealthMonitor({ suspectPhi: 9 }), { code: "OPTION_RANGE" });
});

test("a stopped agent is suspect 3.6 s and unhealthy 4.1 s after its last heartbeat, and not before", () => {
  const { monitor, said } = recorded();
  monitor.watch({ agent: "a1" }, 0);
  pass(monitor, [0, 60_000], beating(monitor, "a1"));
  deepEqual(said, []);
  pass(monitor, [60_000, 70_000]);
  deepEqual(said, ["63700 suspect a1 alive", "64200 unhealthy a1 alive"]);
});

test("an agent that never sent a heartbeat does not stay healthy", () => {
  const { monitor } = recorded();
  monitor.watch({ agent: "a1" }, 0);
  pass(monitor, [0, 5_000]);
  equal(monitor.levelOf("a1"), "unhealthy");
});

test("an agent that sends no heartbeats is judged by its end alone", () => {
  const { monitor, said } = recorded();
  monitor.watch({ agent: "a1", heartbeats: false }, 0);
  pass(monitor, [0, 60_000]);
  monitor.exited("a1", { expected: false, detail: "exit code 1" }, 60_000);
  deepEqual(said, ["60000 unhealthy a1 alive"]);
});

test("an end that was wanted is no illness, and late words of the dead change nothing", () => {
  const { monitor, said } = recorded();
  monitor.watch({ agent: "a1" }, 0);
  monitor.exited("a1", { expected: true, detail: "" }, 10);
  monitor.heartbeat("a1", 20);
  monitor.exited("a1", { expected: false, detail: "" }, 20);
  pass(monitor, [100, 60_000]);
  deepEqual(said, []);
});

test("a suspect that is heard again has recovered", () => {
  const { monitor, said } = recorded();
  monitor.watch({ agent: "a1" }, 0);
  pass(monitor, [0, 3_800]);
  monitor.heartbeat("a1", 3_900);
  deepEqual(said, ["3700 suspect a1 alive", "3900 recovered a1 alive"]);
});

test("a hung model call is noticed though the heartbeat goes on: suspect after 2 min, unhealthy after 5", () => {
  const { monitor, said } = recorded();
  monitor.watch({ agent: "a1" }, 0);
  monitor.began("a1", 0);
  pass(monitor, [0, 310_000], beating(monitor, "a1"));
  deepEqual(said, ["120000 suspect a1 progress", "300000 unhealthy a1 progress"]);
});

test("a tool call may run for 30 min without a token, and an idle agent for ever", () => {
  const { monitor, said } = recorded();
  monitor.watch({ agent: "busy", heartbeats: false }, 0);
  monitor.watch({ agent: "idle", heartbeats: false }, 0);
  monitor.began("busy", 0);
  monitor.toolStarted("busy", 1_000);
  pass(monitor, [1_000, 1_801_000]);
  deepEqual(said, ["901000 suspect busy progress", "1801000 unhealthy busy progress"]);
});

test("a passed deadline is unhealthy at once, whatever the progress", () => {
  const { monitor, said } = recorded();
  monitor.watch({ agent: "a1", heartbeats: false }, 0);
  monitor.began("a1", 0, 10_000);
  pass(monitor, [0, 12_000], (at) => monitor.progress("a1", at));
  deepEqual(said, ["10000 unhealthy a1 deadline"]);
});

test("accuses nobody after its own loop stood still for over 500 ms, and then only who stays silent", () => {
  const { monitor, said } = recorded();
  for (const agent of ["a1", "a2"]) monitor.watch({ agent }, 0);
  pass(monitor, [0, 10_000], beating(monitor, "a1", "a2"));
  monitor.sweep(20_000);
  equal(monitor.doubt(20_000), "loop-lag");
  monitor.heartbeat("a1", 20_100);
  pass(monitor, [20_100, 30_000], beating(monitor, "a1"));
  deepEqual(said, ["25000 unhealthy a2 alive"]);
});

test("accuses nobody while over 30% of the hosts are late together, for 30 s at the most", () => {
  const { monitor, said } = recorded();
  const agents = Array.from({ length: 10 }, (_, i) => `a${i}`);
  for (const agent of agents) monitor.watch({ agent, source: `host of ${agent}` }, 0);
  pass(monitor, [0, 10_000], beating(monitor, ...agents));
  pass(monitor, [10_000, 40_000], beating(monitor, ...agents.slice(4)));
  deepEqual(said, []);
  equal(monitor.doubt(40_000), "late-together");
  pass(monitor, [40_000, 50_000], beating(monitor, ...agents.slice(4)));
  deepEqual(said.length, 4);
});

test("a host that stops with its 50 agents is believed, when there are too few hosts to compare", () => {
  const { monitor, said } = recorded();
  for (let i = 0; i < 50; i++) monitor.watch({ agent: `a${i}`, source: "host" }, 0);
  pass(monitor, [0, 5_000]);
  equal(said.filter((line) => line.includes("unhealthy")).length, 50);
});

test("does not fall over a listener that removes the sick and watches a replacement", () => {
  const monitor = new HealthMonitor();
  let count = 0;
  monitor.on("unhealthy", (agent, _, at) => {
    for (const each of [agent, "a1", "a2"]) monitor.forget(each);
    monitor.watch({ agent: `new ${count++}` }, at);
  });
  for (const agent of ["a0", "a1", "a2"]) monitor.watch({ agent }, 0);
  pass(monitor, [0, 5_000]);
  equal(count, 1);
  equal(monitor.levelOf("new 0"), "well");
});

test("one that is six times slower than its peers is an anomaly, once; the others are not", () => {
  const { monitor, said } = recorded();
  const random = seededRandom(1);
  for (let i = 0; i < 10; i++) monitor.watch({ agent: `a${i}`, model: "m" }, 0);
  for (let round = 0; round < 30; round++) {
    for (let i = 0; i < 10; i++) {
      const seconds = 2 * Math.exp(0.3 * (random.next() + random.next() - 1)) * (i === 7 ? 6 : 1);
      monitor.answered(`a${i}`, { seconds, tokens: 100, costUsd: 0 }, round * 1_000);
    }
  }
  deepEqual(new Set(said.map((line) => line.split(" ").slice(1).join(" "))), new Set(["anomaly a7 speed"]));
  equal(said.length, 1);
});

test("one that fails every task is an anomaly after four; when all fail, nobody is", () => {
  const { monitor, said } = recorded();
  for (const agent of ["a1", "a2", "a3"]) monitor.watch({ agent, model: "m" }, 0);
  for (let i = 1; i <= 4; i++) {
    for (const agent of ["a1", "a2", "a3"]) monitor.ended(agent, { failed: agent === "a2" }, i);
  }
  deepEqual(said, ["4 anomaly a2 errors"]);
  const outage = recorded();
  for (let i = 0; i < 10; i++) outage.monitor.watch({ agent: `a${i}`, model: "m" }, 0);
  for (let i = 0; i < 100; i++) outage.monitor.ended(`a${i % 10}`, { failed: true }, i);
  deepEqual(outage.said, []);
});

test("over the hard cap of tokens a minute it is unhealthy, once", () => {
  const { monitor, said } = recorded({ maxTokensPerMinute: 1_000 });
  monitor.watch({ agent: "a1", heartbeats: false }, 0);
  for (let i = 0; i < 6; i++) monitor.answered("a1", { seconds: 1, tokens: 300, costUsd: 0 }, i * 1_000);
  deepEqual(said, ["3000 unhealthy a1 token-burn"]);
});

test("crashes three times in ten minutes: its lineage is in quarantine, twice as long the next time", () => {
  const { monitor, said } = recorded();
  const crash = (at: number) => {
    monitor.watch({ agent: `a${at}`, lineage: "team" }, at);
    monitor.exited(`a${at}`, { expected: false, detail: "exit code 1" }, at);
  };
  for (const at of [1_000, 2_000]) crash(at);
  equal(monitor.quarantinedUntil("team", 2_000), null);
  crash(3_000);
  match(said.at(-1) ?? "", /3000 anomaly a3000 crash-loop/);
  deepEqual([monitor.quarantinedUntil("team", 62_999), monitor.quarantinedUntil("team", 63_000)], [63_000, null]);
  crash(64_000);
  equal(monitor.quarantinedUntil("team", 64_000), 184_000);
  crash(800_000);
  equal(monitor.quarantinedUntil("team", 800_000), null);
});

test("a lineage whose agents finish work between crashes is in no loop", () => {
  const { monitor } = recorded();
  monitor.watch({ agent: "steady", lineage: "team" }, 0);
  for (let at = 1_000; at <= 9_000; at += 1_000) {
    monitor.watch({ agent: `a${at}`, lineage: "team" }, at);
    monitor.exited(`a${at}`, { expected: false, detail: "exit code 1" }, at);
    if (at % 2_000 === 0) monitor.ended("steady", { failed: false }, at);
    if (at % 3_000 === 0) monitor.ended("steady", { failed: true }, at);
  }
  equal(monitor.quarantinedUntil("team", 9_000), null);
});

test("the same step or word in one attempt after the other is no circle", () => {
  const { monitor, said } = recorded();
  monitor.watch({ agent: "a1", heartbeats: false }, 0);
  for (let i = 0; i < 6; i++) {
    monitor.began("a1", i);
    monitor.toolEnded("a1", { action: "npm test", outcome: "green", failed: false }, i);
    monitor.said("a1", "there was nothing to do", i);
    monitor.ended("a1", { failed: false }, i);
  }
  for (let i = 0; i < 3; i++) monitor.said("a1", "there was nothing to do", 10);
  deepEqual(said, ["10 anomaly a1 loop"]);
});

test("goes on from its state, as JSON: the silent are still found, after a grace", () => {
  const first = recorded().monitor;
  for (const agent of ["a1", "a2"]) first.watch({ agent }, 0);
  pass(first, [0, 3_000], beating(first, "a1", "a2"));
  const second = new HealthMonitor({}, JSON.parse(JSON.stringify(first.state)));
  pass(second, [60_000, 70_000], beating(second, "a1"));
  deepEqual([second.levelOf("a1"), second.levelOf("a2")], ["well", "unhealthy"]);
});

test("no false alarm: 100 simulated agent-hours with jitter, pauses of 2 s and stalls of our own loop", () => {
  const { monitor, said } = recorded();
  const random = seededRandom(7);
  const next = Array.from({ length: 100 }, () => random.next() * 1_000);
  next.forEach((_, i) => void monitor.watch({ agent: `a${i}`, source: `h${i % 10}` }, 0));
  for (let at = 0; at < 3_600_000; at += random.next() < 0.001 ? 4_000 : 250) {
    next.forEach((due, i) => {
      if (due > at) return;
      monitor.heartbeat(`a${i}`, at);
      next[i] = at + 900 + random.next() * 200 + (random.next() < 0.002 ? 2_000 : 0);
    });
    monitor.sweep(at);
  }
  deepEqual(
    said.filter((line) => line.includes("unhealthy")),
    [],
  );
});

test("under any order of events: reports alternate, and only a sweep or an end accuses of death", () => {
  const event = fc.record({ agent: fc.nat(3), kind: fc.nat(6), passed: fc.nat(3_000) });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 120 }), (events) => {
      const { monitor, said } = recorded();
      let at = 0;
      for (const { agent, kind, passed } of events) {
        at += passed;
        const id = `a${agent}`;
        if (kind === 0) monitor.watch({ agent: id }, at);
        if (kind === 1) monitor.heartbeat(id, at);
        if (kind === 2) monitor.began(id, at, at + 5_000);
        if (kind === 3) monitor.ended(id, { failed: false }, at);
        if (kind === 4) monitor.forget(id);
        if (kind === 5) monitor.exited(id, { expected: true, detail: "" }, at);
        const before = said.length;
        if (kind !== 6) ok(!said.slice(before).some((line) => line.includes("unhealthy")));
        const reports = monitor.sweep(at);
        for (const { agent, type } of reports) equal(monitor.levelOf(agent) === "well", false, type);
        deepEqual(monitor.sweep(at), [], "a second sweep at the same instant has nothing to say");
      }
    }),
  );
});
