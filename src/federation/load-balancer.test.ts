import { deepEqual, equal, notEqual, ok, rejects, throws } from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../lib/manual-clock.testing.ts";
import fc from "../lib/properties.testing.ts";
import { seededRandom } from "../lib/random.ts";
import type { Health, LoadBalancerOptions } from "./balancing/options.ts";
import type { Reservation } from "./balancing/reservation.ts";
import { LoadBalancer } from "./load-balancer.ts";
import { WeightedStrategy } from "./strategies/weighted.ts";

function fleet(count: number, options: Partial<LoadBalancerOptions> = {}, capacity = 1) {
  const clock = new ManualClock();
  const balancer = new LoadBalancer(options, { clock, random: seededRandom(1) });
  for (let i = 0; i < count; i++) balancer.addAgent({ id: `a${i}`, capacity });
  return { clock, balancer };
}

function take(balancer: LoadBalancer, request: Parameters<LoadBalancer["pick"]>[0] = {}): Reservation {
  const reservation = balancer.pick(request);
  ok(reservation, "nobody is free");
  return reservation;
}

/** Lets `id` alone be picked and end so, `times` times. */
function end(balancer: LoadBalancer, id: string, outcome: Parameters<Reservation["release"]>[0], times = 1): void {
  for (let i = 0; i < times; i++) {
    const held = take(balancer, { prefer: id });
    equal(held.id, id);
    held.release(outcome);
  }
}

const refusals = (balancer: LoadBalancer) =>
  Object.fromEntries(balancer.describe().map(({ id, refusal }) => [id, refusal]));

test("the lines of the design compile and do what they say", async () => {
  const balancer = new LoadBalancer({
    strategy: "least-connections",
    healthCheckInterval: 5000,
    circuitBreaker: { failureThreshold: 3 },
  });
  await rejects(balancer.getAgent(), { code: "AGENT_NOT_FOUND" });
  balancer.addAgent({ id: "a", capacity: 2 });
  balancer.addAgent({ id: "b", capacity: 2 });
  const agent = await balancer.getAgent();
  const other = await balancer.getAgent();
  notEqual(agent.id, other.id);
  for (const outcome of ["infrastructure", "infrastructure", "infrastructure"] as const) end(balancer, "a", outcome);
  equal(refusals(balancer).a, "breaker");

  const weighted = new LoadBalancer({
    strategy: new WeightedStrategy({ weights: { speed: 0.4, cost: 0.3, reliability: 0.3 } }),
  });
  weighted.addAgent({ id: "good", speed: 4, costUsd: 0.01, reliability: 1 });
  weighted.addAgent({ id: "poor", speed: 0.5, costUsd: 1, reliability: 0.5 });
  const counts: Record<string, number> = { good: 0, poor: 0 };
  for (let i = 0; i < 100; i++) {
    const held = await weighted.getAgent();
    counts[held.id] = (counts[held.id] ?? 0) + 1;
    held.release();
  }
  ok((counts.good ?? 0) > 60 && (counts.poor ?? 0) > 10, JSON.stringify(counts));
});

test("a pick reserves at once: 50 picks at the same time take 50 agents, and the next finds none", async () => {
  const { balancer } = fleet(50);
  const held = await Promise.all(Array.from({ length: 50 }, () => balancer.getAgent()));
  equal(new Set(held.map(({ id }) => id)).size, 50);
  await rejects(balancer.getAgent(), { code: "AGENT_STATE", message: "none of 50 agents may be given work: 50 full" });
});

test("a second release changes nothing, nor does that of an agent that was removed and whose place was taken", () => {
  const { balancer } = fleet(1);
  const first = take(balancer);
  equal(first.release(), true);
  const second = take(balancer);
  equal(first.release(), false);
  equal(balancer.pick(), null);
  balancer.removeAgent("a0");
  balancer.addAgent({ id: "new" });
  take(balancer);
  second.release("infrastructure");
  deepEqual(
    balancer.describe().map(({ active }) => active),
    [1],
  );
});

test("never over capacity, under any interleaving of picks, releases, deaths and changes, with every strategy", () => {
  const action = fc.record({
    do: fc.constantFrom("pick", "pick", "release", "remove", "add", "health", "wait"),
    nth: fc.nat({ max: 99 }),
  });
  const strategy = fc.constantFrom(
    "round-robin",
    "least-connections",
    "weighted",
    "consistent-hash",
    "power-of-two",
    "peak-ewma",
  );
  fc.assert(
    fc.property(strategy, fc.array(action, { maxLength: 150, size: "max" }), (name, actions) => {
      const { balancer, clock } = fleet(3, { strategy: name }, 2);
      let held: Reservation[] = [];
      for (const [i, { do: what, nth }] of actions.entries()) {
        const views = balancer.describe();
        const id = views[nth % views.length]?.id;
        if (what === "pick") {
          const isFree = views.some(({ refusal }) => refusal === null);
          const reservation = balancer.pick({ session: `s${nth}` });
          equal(reservation !== null, isFree);
          if (reservation) held.push(reservation);
        } else if (what === "release") {
          held.splice(nth % (held.length || 1), 1)[0]?.release(nth % 3 ? "success" : "infrastructure", nth);
        } else if (what === "add") balancer.addAgent({ id: `n${i}`, capacity: 1 + (nth % 3) });
        else if (what === "wait") clock.pass(nth * 500);
        else if (id !== undefined && what === "health") balancer.setHealth(id, nth % 2 ? "healthy" : "suspect");
        else if (id !== undefined) {
          balancer.removeAgent(id);
          held = held.filter((reservation) => reservation.id !== id);
        }
        for (const view of balancer.describe()) {
          equal(view.active, held.filter((reservation) => reservation.id === view.id).length);
          ok(view.active <= view.capacity);
        }
      }
    }),
  );
});

test("skips the suspect and the ejected, while half or more are healthy", () => {
  const { balancer } = fleet(4, {}, 100);
  balancer.setHealth("a0", "suspect");
  balancer.setHealth("a1", "ejected");
  const ids = new Set(Array.from({ length: 20 }, () => take(balancer).id));
  deepEqual([...ids].sort(), ["a2", "a3"]);
});

test("ignores health when fewer than half are healthy, and fails at once when none is, even for those who would wait", async () => {
  const { balancer } = fleet(4);
  for (const id of ["a0", "a1", "a2"]) balancer.setHealth(id, "suspect");
  const held = Array.from({ length: 4 }, () => take(balancer));
  deepEqual(
    held.map(({ reason }) => reason.by),
    ["panic", "panic", "panic", "panic"],
  );
  const waiting = balancer.getAgent({ waitMs: 1_000 });
  balancer.setHealth("a3", "ejected");
  await rejects(waiting, { code: "AGENT_STATE", message: /3 suspect, 1 ejected/ });
  held[0]?.release();
  await rejects(balancer.getAgent({ waitMs: 1_000 }), { code: "AGENT_STATE" });
});

test("asks for health at the interval, and not before", () => {
  let said: "healthy" | "suspect" = "healthy";
  const { balancer, clock } = fleet(3, {
    healthCheckInterval: 5_000,
    health: (id) => (id === "a0" ? said : "healthy"),
  });
  said = "suspect";
  clock.pass(4_999);
  equal(refusals(balancer).a0, null);
  clock.pass(1);
  equal(refusals(balancer).a0, "suspect");
});

test("an agent whose breaker is open gets one probe when its time is over, and full work once that succeeded", () => {
  const { balancer, clock } = fleet(1, { circuitBreaker: { openMs: 1_000, jitter: 0 } }, 5);
  end(balancer, "a0", "infrastructure", 3);
  clock.pass(999);
  equal(balancer.pick(), null);
  clock.pass(1);
  const probe = take(balancer);
  equal(probe.reason.isProbe, true);
  equal(balancer.pick(), null);
  probe.release("success");
  for (let i = 0; i < 5; i++) take(balancer);
});

test("failures of tasks and of providers do not open an agent's breaker", () => {
  const { balancer } = fleet(1);
  end(balancer, "a0", "task", 10);
  end(balancer, "a0", "provider", 10);
  equal(refusals(balancer).a0, null);
});

test("one that joins later gets less at first, and its share after the slow start", () => {
  const { balancer, clock } = fleet(1, { slowStartMs: 10_000 }, 1_000);
  take(balancer).release();
  balancer.addAgent({ id: "new", capacity: 1_000 });
  const share = () => {
    const held = Array.from({ length: 100 }, () => take(balancer));
    for (const each of held) each.release();
    return held.filter(({ id }) => id === "new").length;
  };
  const early = share();
  clock.pass(5_000);
  const midway = share();
  clock.pass(5_000);
  deepEqual([early < 15, midway > 25 && midway < 40, share()], [true, true, 50], `${early}, ${midway}`);
});

test("sets one aside that fails where its peers do not, for longer each time, and nobody where work is hard for all", () => {
  const { balancer, clock } = fleet(10, { outliers: { ejectMs: 1_000 } });
  const round = (bad: (i: number) => boolean) => {
    for (let i = 0; i < 10; i++)
      if (refusals(balancer)[`a${i}`] === null) end(balancer, `a${i}`, bad(i) ? "task" : "success", 5);
    balancer.check();
  };
  round((i) => i === 3);
  equal(refusals(balancer).a3, "outlier");
  clock.pass(999);
  equal(refusals(balancer).a3, "outlier");
  clock.pass(1);
  equal(refusals(balancer).a3, null);
  round((i) => i === 3);
  clock.pass(1_999);
  equal(refusals(balancer).a3, "outlier");

  const hard = fleet(10).balancer;
  for (let i = 0; i < 10; i++) end(hard, `a${i}`, "task", 5);
  hard.check();
  ok(Object.values(refusals(hard)).every((refusal) => refusal === null));
});

test("sets aside a tenth at most, and always one", () => {
  const { balancer } = fleet(20);
  for (let i = 0; i < 20; i++) end(balancer, `a${i}`, i < 5 ? "task" : "success", 10);
  balancer.check();
  equal(Object.values(refusals(balancer)).filter((refusal) => refusal === "outlier").length, 2);
});

test("fails over with the reason, to agents that were not tried for this work, until none is left", async () => {
  const { balancer } = fleet(3, {}, 9);
  const first = await balancer.getAgent();
  const second = await first.failOver("infrastructure");
  const third = await second.failOver("provider");
  equal(new Set([first.id, second.id, third.id]).size, 3);
  deepEqual(third.reason.failover, { from: second.id, outcome: "provider", tried: [first.id, second.id] });
  await rejects(third.failOver("task"), { code: "AGENT_STATE", message: /3 excluded/ });
  deepEqual(
    balancer.describe().map(({ active }) => active),
    [0, 0, 0],
  );
});

test("prefers the agent of the request if it is free, and says so", () => {
  const { balancer } = fleet(5);
  const { id, reason } = take(balancer, { prefer: "a3" });
  deepEqual([id, reason.by], ["a3", "preferred"]);
  notEqual(take(balancer, { prefer: "a3" }).id, "a3");
  notEqual(take(balancer, { prefer: "a2", exclude: new Set(["a2"]) }).id, "a2");
});

test("those who wait are served first come, first served, when an agent is released, joins or recovers", async () => {
  const { balancer, clock } = fleet(1, { circuitBreaker: { openMs: 1_000, jitter: 0 } });
  const held = take(balancer);
  const order: string[] = [];
  const wait = (name: string) =>
    balancer.getAgent({ waitMs: 60_000 }).then((reservation) => {
      order.push(name);
      return reservation;
    });
  const all = [wait("first"), wait("second"), wait("third")] as const;
  held.release();
  const first = await all[0];
  balancer.addAgent({ id: "new", capacity: 1 });
  await all[1];
  first.release("infrastructure");
  const third = await all[2];
  deepEqual([order, third.id], [["first", "second", "third"], "a0"]);
  third.release("infrastructure");
  end(balancer, "a0", "infrastructure");
  const probe = wait("probe");
  clock.pass(1_000);
  equal((await probe).id, "a0");
});

test("one who waits is served when a health check finds an agent well again", async () => {
  let said: Health = "suspect";
  const { balancer, clock } = fleet(2, {
    healthCheckInterval: 1_000,
    health: (id) => (id === "a0" ? said : "healthy"),
  });
  balancer.check();
  take(balancer);
  const waiting = balancer.getAgent({ waitMs: 10_000 });
  clock.pass(1_000);
  said = "healthy";
  clock.pass(1_000);
  equal((await waiting).id, "a0");
  await Promise.resolve();
  equal(clock.pending, 0);
});

test("refuses a wait when its time is over, when it is aborted, when too many wait and when the balancer is closed", async () => {
  const { balancer, clock } = fleet(1, { maxWaiting: 2 });
  take(balancer);
  const late = balancer.getAgent({ waitMs: 1_000 });
  const stop = new AbortController();
  const aborted = balancer.getAgent({ waitMs: 5_000, signal: stop.signal });
  await rejects(balancer.getAgent({ waitMs: 1_000 }), { code: "AGENT_STATE", message: /maxWaiting/ });
  clock.pass(1_000);
  await rejects(late, { message: /1 full/ });
  stop.abort(new Error("enough"));
  await rejects(aborted, { message: "enough" });
  const closed = balancer.getAgent({ waitMs: 5_000 });
  balancer.close();
  await rejects(closed, { message: /closed/ });
  equal(clock.pending, 0);
});

test("refuses what it does not know, with the nearest name", async () => {
  const { balancer } = fleet(12);
  const refusal = (options: object, message: RegExp) =>
    throws(() => new LoadBalancer(options), { code: "OPTION_UNKNOWN", message });
  refusal({ healthCheckIntervall: 1_000 }, /"healthCheckInterval"/);
  refusal({ strategy: "least-connection" }, /"least-connections"/);
  refusal({ circuitBreaker: { threshold: 3 } }, /"threshold"/);
  refusal({ outliers: { minPeer: 3 } }, /"minPeers"/);
  await rejects(balancer.getAgent({ waitMs: Number.POSITIVE_INFINITY }), { code: "OPTION_RANGE" });
  throws(() => new LoadBalancer({ panicThreshold: 2 }), { code: "OPTION_RANGE" });
  throws(() => balancer.setHealth("a13", "healthy"), { code: "AGENT_NOT_FOUND", message: /Did you mean/ });
  throws(() => balancer.addAgent({ id: "a1" }), { code: "AGENT_STATE" });
  throws(() => balancer.updateAgent("a1", { capcity: 3 } as object), { code: "OPTION_UNKNOWN", message: /"capacity"/ });
});
