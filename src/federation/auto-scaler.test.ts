import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import fc from "../lib/properties.testing.ts";
import { AutoScaler } from "./auto-scaler.ts";
import type { FleetObservation, PoolObservation } from "./scaling/observation.ts";

const nobody: PoolObservation = { pool: "all", runnable: 0, busy: 0, idle: 0, starting: 0 };

function fleet(pool: Partial<PoolObservation>, rest: Partial<FleetObservation> = {}): FleetObservation {
  return { pools: [{ ...nobody, ...pool }], ...rest };
}

test("compiles as the plan writes it, and refuses an option that it does not know by naming the nearest", () => {
  const plan = { minAgents: 2, maxAgents: 50, scaleUpThreshold: 10, scaleDownThreshold: 0.2, maxCostPerHour: 10 };
  equal(new AutoScaler(plan).decide(fleet({}), 0).desired, 2);
  throws(() => new AutoScaler({ maxAgent: 5 } as object), { code: "OPTION_UNKNOWN", message: /maxAgents/ });
  throws(() => new AutoScaler({ minAgents: 51 }), { code: "OPTION_RANGE" });
});

test("wants busy + runnable, and does not count tasks that wait for others", () => {
  const decision = new AutoScaler({ minAgents: 0 }).decide(fleet({ busy: 3, runnable: 4, blocked: 90 }), 0);
  deepEqual([decision.spawn, decision.desired, decision.reason], [4, 7, "queue"]);
});

test("does not answer one task with two spawns while the first agent starts", () => {
  const scaler = new AutoScaler({ minAgents: 0 });
  equal(scaler.decide(fleet({ runnable: 5 }), 0).spawn, 5);
  equal(scaler.decide(fleet({ runnable: 5, starting: 5 }), 1_000).spawn, 0);
});

test("lets 10 tasks wait with a threshold of 10, and grows at 11 or when the wait passes 10 s", () => {
  const spawned = (pool: Partial<PoolObservation>) =>
    new AutoScaler({ scaleUpThreshold: 10 }).decide(fleet({ busy: 2, ...pool }), 0);
  deepEqual([spawned({ runnable: 10 }).spawn, spawned({ runnable: 10 }).reason], [0, "within-threshold"]);
  deepEqual([spawned({ runnable: 11 }).spawn, spawned({ runnable: 11 }).reason], [11, "queue"]);
  equal(spawned({ runnable: 10, waitP95Ms: 10_000 }).spawn, 0);
  deepEqual(spawned({ runnable: 10, waitP95Ms: 10_001 }).reason, "latency");
});

test("within the threshold a pool without any agent still gets one for its task", () => {
  equal(new AutoScaler({ minAgents: 0, scaleUpThreshold: 10 }).decide(fleet({ runnable: 1 }), 0).spawn, 1);
});

test("keeps a burst for a fifth of the idle TTL of 60 s, then what chance may ask for until its end, and not longer", () => {
  const scaler = new AutoScaler({ minAgents: 1 });
  scaler.decide(fleet({ busy: 8 }), 0);
  equal(scaler.decide(fleet({ busy: 4, idle: 4 }), 11_999).drain, 0);
  // Of 4 busy agents, three quarters of √4 more.
  equal(scaler.decide(fleet({ busy: 4, idle: 4 }), 12_000).drain, 2);
  equal(scaler.decide(fleet({ busy: 4, idle: 2 }), 59_999).drain, 0);
  const decision = scaler.decide(fleet({ busy: 4, idle: 2 }), 60_000);
  deepEqual([decision.drain, decision.desired, decision.reason], [2, 4, "idle"]);
});

test("drains after half of both times below the lower threshold", () => {
  const scaler = new AutoScaler({ minAgents: 1, scaleDownThreshold: 0.2 });
  scaler.decide(fleet({ busy: 8 }), 0);
  equal(scaler.decide(fleet({ busy: 1, idle: 7 }), 5_999).drain, 0);
  equal(scaler.decide(fleet({ busy: 1, idle: 7 }), 6_000).drain, 6);
  // The last spare one is no surplus: it stays for all of the time.
  equal(scaler.decide(fleet({ busy: 1, idle: 1 }), 30_000).drain, 0);
  equal(scaler.decide(fleet({ busy: 1, idle: 1 }), 60_000).drain, 1);
});

test("a forecast raises the minimum and never lowers what the queue asks for", () => {
  const spawned = (forecast: number) => new AutoScaler().decide(fleet({ runnable: 6, forecast }), 0);
  deepEqual([spawned(9).spawn, spawned(9).reason], [9, "forecast"]);
  deepEqual([spawned(1).spawn, spawned(1).reason], [6, "queue"]);
});

test("starts a burst, then the spawn rate, and says which limit held it back", () => {
  const scaler = new AutoScaler({ maxAgents: 100, spawnBurst: 10, spawnsPerSecond: 2 });
  deepEqual(scaler.decide(fleet({ runnable: 40 }), 0).spawn, 10);
  const empty = scaler.decide(fleet({ runnable: 40, starting: 10 }), 0);
  deepEqual([empty.spawn, empty.reason], [0, "spawn-rate"]);
  const next = scaler.decide(fleet({ runnable: 40, starting: 10 }), 1_000);
  deepEqual([next.spawn, next.reason, next.limitedBy], [2, "queue", "spawn-rate"]);
});

test("tries one agent at a time, with doubling pauses, while over 20% of spawns fail, and then goes on", () => {
  const scaler = new AutoScaler();
  scaler.decide(fleet({ runnable: 5 }), 0);
  const ask = (at: number, failed: number, succeeded = 0) =>
    scaler.decide(fleet({ runnable: 40 }, { spawns: { failed, succeeded } }), at);
  deepEqual([ask(1_000, 5).spawn, ask(10_999, 5).reason], [0, "spawn-failures"]);
  equal(ask(11_000, 5).spawn, 1);
  equal(ask(12_000, 6).spawn, 0);
  equal(ask(31_999, 6).spawn, 0);
  equal(ask(32_000, 6).spawn, 1);
  equal(ask(33_000, 6, 20).spawn, 40);
});

test("the hourly budget carries 10 agents at $0.20 an hour out of $2, less what is reserved", () => {
  const wide = { minAgents: 0, maxCostPerHour: 2 };
  const money = { spentUsd: 0, reservedUsd: 0.4 };
  const decision = new AutoScaler(wide).decide(fleet({ runnable: 40 }, { money }), 0);
  deepEqual([decision.spawn, decision.limitedBy, decision.inputs.room.budget], [8, "budget", 8]);
  const full = new AutoScaler(wide).decide(fleet({ runnable: 40, starting: 8 }, { money }), 0);
  deepEqual([full.spawn, full.reason], [0, "budget"]);
});

test("over the hourly budget it lets the idle go and keeps the busy", () => {
  const scaler = new AutoScaler({ maxCostPerHour: 1, agentCostUsdPerHour: 0.2 });
  const decision = scaler.decide(fleet({ busy: 8, idle: 3 }), 0);
  deepEqual([decision.drain, decision.desired, decision.reason], [3, 8, "over-budget"]);
});

test("lets go only as many idle agents as the hourly budget cannot pay", () => {
  const decision = new AutoScaler({ maxCostPerHour: 2 }).decide(fleet({ busy: 7, idle: 5 }), 0);
  deepEqual([decision.drain, decision.reason], [2, "over-budget"]);
});

test("spends what was measured, not the first guess, once agents have worked for hours", () => {
  const scaler = new AutoScaler({ minAgents: 0, maxCostPerHour: 10, agentCostUsdPerHour: 0.2 });
  for (let minute = 0; minute <= 120; minute++) {
    scaler.decide(fleet({ busy: 4 }, { money: { spentUsd: minute / 15, reservedUsd: 0 } }), minute * 60_000);
  }
  const cost = scaler.decide(fleet({ busy: 4 }), 120 * 60_000).inputs.costPerAgentHourUsd;
  ok(cost > 0.75 && cost < 1, `4 agents spend $4 an hour; taken for $${cost} each`);
});

test("at the maximum, the idle agents of one pool make room for the tasks of another", () => {
  const pools = [
    { ...nobody, pool: "sql", idle: 50 },
    { ...nobody, pool: "web", runnable: 10 },
  ];
  const decision = new AutoScaler().decide({ pools }, 0);
  deepEqual(
    decision.pools.map(({ pool, spawn, drain, reason }) => [pool, spawn, drain, reason]),
    [
      ["sql", 0, 10, "make-room"],
      ["web", 0, 0, "queue"],
    ],
  );
});

test("shares what may start so that no pool starves: the smallest asks are met, the rest is even", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(40), { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 60 }),
      (asks, burst) => {
        const pools = asks.map((runnable, i) => ({ ...nobody, pool: `p${i}`, runnable }));
        const scaler = new AutoScaler({ minAgents: 0, maxAgents: 1_000, spawnBurst: burst });
        const given = scaler.decide({ pools }, 0).pools.map(({ spawn }) => spawn);
        const total = asks.reduce((sum, ask) => sum + ask, 0);
        equal(
          given.reduce((sum, each) => sum + each, 0),
          Math.min(total, burst),
        );
        const most = Math.max(...given);
        given.forEach((each, i) => void ok(each === asks[i] || each >= most - 1, `${asks} were given ${given}`));
      },
    ),
  );
});

test("explains a decision in a sentence with its figures", () => {
  const scaler = new AutoScaler({ spawnBurst: 3 });
  const sentence = scaler.explain(scaler.decide(fleet({ busy: 2, runnable: 7, blocked: 5 }), 0));
  match(
    sentence,
    /^start 3 \(5\): 7 tasks can run and 0 agents are free .*; held back by spawn-rate; 5 more tasks wait/,
  );
});

test("goes on from its state, as JSON, with the same decisions", () => {
  const first = new AutoScaler({ spawnBurst: 5 });
  first.decide(fleet({ runnable: 20 }), 0);
  const second = new AutoScaler({ spawnBurst: 5 }, JSON.parse(JSON.stringify(first.state)));
  const next = fleet({ runnable: 20, starting: 5 });
  deepEqual(second.decide(next, 700), first.decide(next, 700));
});

const count = fc.nat(60);
const step = fc.record({
  runnable: count,
  finish: fc.double({ min: 0, max: 1, noNaN: true }),
  fail: fc.nat(3),
  passed: fc.integer({ min: 1, max: 30_000 }),
  reservedUsd: fc.double({ min: 0, max: 2, noNaN: true }),
});

test("under any load: never over the maximum, the budget or the spawn rate, and drains only who is idle", () => {
  const options = { minAgents: 1, maxAgents: 30, maxCostPerHour: 5, spawnBurst: 8, spawnsPerSecond: 1 };
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const scaler = new AutoScaler(options);
      const pool = { ...nobody };
      const spawns = { succeeded: 0, failed: 0 };
      let [at, tokens] = [0, options.spawnBurst];
      for (const { runnable, finish, fail, passed, reservedUsd } of steps) {
        const { spawn, drain, inputs } = scaler.decide(
          { pools: [{ ...pool, runnable }], spawns: { ...spawns }, money: { spentUsd: 0, reservedUsd } },
          at,
        );
        ok(drain <= pool.idle);
        ok(spawn <= tokens + 1e-6);
        const there = pool.busy + pool.idle + pool.starting + spawn;
        ok(there <= options.maxAgents);
        if (spawn > 0) ok(there * inputs.costPerAgentHourUsd + reservedUsd <= options.maxCostPerHour + 1e-6);
        const failed = Math.min(fail, pool.starting + spawn);
        const up = pool.starting + spawn - failed;
        spawns.failed += failed;
        spawns.succeeded += up;
        const done = Math.floor(pool.busy * finish);
        const free = pool.idle - drain + up + done;
        const leased = Math.min(free, runnable);
        Object.assign(pool, { busy: pool.busy - done + leased, idle: free - leased, starting: 0 });
        at += passed;
        tokens = Math.min(options.spawnBurst, tokens - spawn + (passed / 1_000) * options.spawnsPerSecond);
      }
    }),
  );
});

test("settles on a constant load: after the idle TTL it starts and drains nobody", () => {
  fc.assert(
    fc.property(fc.nat(60), fc.nat(40), fc.nat(20), (load, idle, starting) => {
      const scaler = new AutoScaler();
      let there = Math.min(50, idle + starting);
      for (let second = 0; second < 200; second++) {
        const busy = Math.min(load, there);
        const seen = fleet({ busy, idle: there - busy, runnable: load - busy });
        const { spawn, drain } = scaler.decide(seen, second * 1_000);
        if (second > 130) deepEqual([spawn, drain], [0, 0]);
        there += spawn - drain;
      }
      equal(there, Math.min(50, Math.max(2, load)));
    }),
  );
});
